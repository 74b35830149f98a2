"""The categories of the site, with what their companies sell."""

from typing import Final

TAXONOMY: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "Home": {
        "Kitchen": ("toaster", "saucepan", "blender", "bread knife", "colander"),
        "Bedding": ("mattress", "pillow", "blanket", "bedside lamp", "quilt"),
        "Bathroom": ("shower head", "towel rail", "bath mat", "mirror cabinet", "tap"),
        "Lighting": ("floor lamp", "lantern", "chandelier", "reading light", "dimmer"),
        "Storage": ("wardrobe", "shoe rack", "chest", "coat stand", "shelf"),
    },
    "Electronics": {
        "Phones": ("phone", "phone case", "power bank", "SIM card", "phone holder"),
        "Computers": ("laptop", "graphics card", "mouse", "docking station", "hard drive"),
        "Audio": ("turntable", "earphones", "radio", "amplifier", "microphone"),
        "Photo": ("tripod", "lens", "flash", "photo printer", "camera bag"),
        "Repairs": ("screen repair", "battery swap", "data rescue", "diagnosis", "spare part"),
    },
    "Travel": {
        "Hotels": ("double room", "family room", "suite", "weekend stay", "single room"),
        "Flights": ("flight", "upgrade", "return ticket", "seat", "transfer"),
        "Car Rental": ("hire car", "van", "convertible", "child seat", "camper"),
        "Tours": ("city tour", "boat trip", "guided walk", "museum pass", "bike tour"),
        "Luggage": ("suitcase", "backpack", "garment bag", "luggage tag", "holdall"),
    },
    "Food": {
        "Restaurants": ("set menu", "lunch", "tasting menu", "birthday dinner", "brunch"),
        "Groceries": ("vegetable box", "weekly shop", "fruit crate", "spice set", "cheese parcel"),
        "Coffee": ("espresso machine", "bag of beans", "filter set", "milk frother", "grinder"),
        "Bakery": ("wedding cake", "sourdough loaf", "pastry box", "apple tart", "bun tray"),
        "Wine": ("case of red", "wine hamper", "tasting box", "cool box", "decanter"),
    },
    "Health": {
        "Pharmacy": ("prescription", "first aid kit", "sun cream", "thermometer", "ointment"),
        "Opticians": ("pair of glasses", "eye test", "lens set", "sunglasses", "frame"),
        "Dentists": ("check-up", "filling", "whitening", "crown", "retainer"),
        "Fitness": ("gym pass", "yoga class", "rowing machine", "dumbbell set", "spin class"),
        "Beauty": ("haircut", "facial", "manicure", "perfume", "massage"),
    },
    "Money": {
        "Banks": ("current account", "savings account", "credit card", "banking app", "overdraft"),
        "Insurance": ("car policy", "home policy", "travel policy", "claim", "pet policy"),
        "Loans": ("car loan", "mortgage", "bridging loan", "instalment plan", "credit line"),
        "Tax Help": ("tax return", "VAT filing", "payroll plan", "audit", "tax call"),
        "Transfers": (
            "money transfer",
            "currency order",
            "travel card",
            "standing order",
            "refund",
        ),
    },
    "Garden": {
        "Plants": ("rose bush", "apple tree", "seed set", "hedge", "fern"),
        "Tools": ("hedge trimmer", "wheelbarrow", "leaf blower", "pruning saw", "watering can"),
        "Sheds": ("tool shed", "greenhouse", "log store", "bike store", "summer house"),
        "Furniture": ("garden table", "deck chair", "hammock", "swing seat", "sun shade"),
        "Ponds": ("pond pump", "pond liner", "fountain", "water filter", "lily basket"),
    },
    "Pets": {
        "Dogs": ("dog bed", "lead", "dog food", "training course", "kennel stay"),
        "Cats": ("scratching post", "cat flap", "litter box", "cat carrier", "cat tree"),
        "Aquariums": ("fish tank", "tank heater", "air pump", "tank light", "gravel set"),
        "Vets": ("vaccination", "vet visit", "dental clean", "night call", "blood test"),
        "Birds": ("bird cage", "nest box", "seed mix", "perch", "bird bath"),
    },
}
"""Category → sub-category → goods."""
