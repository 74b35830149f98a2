from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer import config, options
from trainer.config import TrainConfig
from trainer.errors import ConfigError

REFUSED = {
    "more --weight than --data": {"data": {"data": ["a"], "weight": [1.0, 2.0]}},
    "--ignore-middle leaves the class average empty": {"data": {"ignore_middle": True}},
    "--group-column has no effect": {"split": {"hold_out": ["a=b"], "group_column": "c"}},
    "--validation-file has no effect": {"split": {"hold_out": ["a=b"], "validation_file": "c.csv"}},
    "keeps no best one": {"run": {"keep_epoch": "last", "patience": 2}},
    "--patience needs validation reviews": {"split": {"validation": 0.0}, "run": {"patience": 2}},
    "at most 255 characters": {"text": {"alphabet": "".join(map(chr, range(300, 600)))}},
    "add --no-lower": {"text": {"extra_characters": "A"}},
    "need --loss focal": {"loss": {"focal_gamma": 2.0}},
    "--focal-alpha has a weight for each": {"loss": {"loss": "focal", "focal_alpha": [1.0]}},
    "both weight the classes": {
        "loss": {
            "loss": "focal",
            "focal_alpha": [1.0, 1.0, 1.0],
            "class_weights": "balanced",
            "balanced_sampler": False,
        }
    },
    "takes no --teacher": {"loss": {"loss": "focal", "teacher": "a.npz"}},
    "counts rare classes twice": {"loss": {"class_weights": "balanced"}},
    "--teacher-share and --temperature need": {"loss": {"teacher_share": 0.5}},
    "--states-weight needs --teacher": {"loss": {"states_weight": 1.0}},
    "--momentum needs": {"optimiser": {"momentum": 0.9}},
    "--warmup needs": {"optimiser": {"schedule": "step", "warmup": 0.1}},
    "--step-epochs needs": {"optimiser": {"step_epochs": 2}},
    "--step-factor needs": {"optimiser": {"schedule": "cyclical", "step_factor": 0.5}},
    "fp16 is for CUDA": {"run": {"precision": "fp16", "device": "cpu"}},
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_contradiction_is_refused_with_its_reason(reason):
    with pytest.raises(ConfigError, match=reason):
        config.make(REFUSED[reason])


def test_every_contradiction_is_tried_here():
    assert len(config.contradictions(TrainConfig())) == len(REFUSED)


def test_the_defaults_contradict_nothing():
    assert not any(wrong for wrong, _ in config.contradictions(TrainConfig()))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"run": {"epochs": 0}}, "run.epochs"),
        ({"run": {"epchs": 3}}, "run.epchs: Unexpected"),
        ({"optimiser": {"learning_rate": -1}}, "greater than 0"),
        ({"split": {"validation": 1.0}}, "less than 1"),
        ({"text": {"remove": ["smileys"]}}, "text.remove"),
        ({"nothing": {}}, "nothing: Unexpected"),
        ({"run": {"name": "../escape"}}, "run.name"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(values, reason):
    with pytest.raises(ConfigError, match=reason):
        config.make(values)


def test_all_reasons_are_given_at_once():
    with pytest.raises(ConfigError, match=r"--momentum needs.*; --warmup needs"):
        config.make({"optimiser": {"momentum": 0.5, "schedule": "step", "warmup": 0.2}})


@given(
    rate=st.floats(1e-9, 10),
    files=st.lists(st.text(min_size=1), max_size=3),
    epochs=st.integers(1, 1000),
    removed=st.lists(st.sampled_from(["urls", "mentions", "hashtags"]), max_size=3),
)
def test_a_configuration_comes_back_from_json(rate, files, epochs, removed):
    values = {
        "data": {"data": files},
        "optimiser": {"learning_rate": rate},
        "run": {"epochs": epochs},
        "text": {"remove": removed},
    }
    chosen = config.make(values)
    assert config.make(config.as_values(chosen)) == chosen


def test_a_configuration_is_read_from_toml_and_from_json(tmp_path):
    toml, json = tmp_path / "a.toml", tmp_path / "a.json"
    toml.write_text("[run]\nepochs = 3\n")
    json.write_text('{"run": {"epochs": 3}}')
    assert config.read_values(toml) == config.read_values(json) == {"run": {"epochs": 3}}


@pytest.mark.parametrize("text", ["epochs = ", '{"a": 1}'])
def test_a_file_that_is_no_configuration_is_refused(tmp_path, text):
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"a\.toml"):
        config.read_values(path)


def test_every_value_of_the_configuration_is_an_option_of_its_own():
    names = [field.name for section in config.SECTIONS.values() for field in fields(section)]
    assert len(names) == len(set(names))
    assert [parameter.name for parameter in options.config_parameters()] == names


def test_what_is_given_on_the_command_line_wins_over_the_file():
    below = {"run": {"epochs": 3, "seed": 5}}
    given = options.as_sections({"epochs": 7, "seed": None, "data": ["a.csv"]})
    merged = options.overlaid(below, given)
    assert merged["run"] == {"epochs": 7, "seed": 5}
    assert merged["data"] == {"data": ["a.csv"]}
