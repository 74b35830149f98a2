"""Models and backups in a store that speaks S3, instead of volumes."""

from pathlib import Path

import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

FOLDER = Path(__file__).parent / "store"


@pytest.fixture(scope="module")
def in_the_bucket(cluster, store):
    """What is in a folder of the bucket, once models and backups go there."""
    cluster.install_postgres("upgrade", "-f", FOLDER / "postgres.yaml")
    cluster.install("upgrade", "-f", FOLDER / "candor.yaml")

    def listed(folder):
        return [line.split()[-1] for line in store("ls", f"s3://candor/{folder}/").splitlines()]

    return listed


def test_a_model_is_trained_into_the_bucket_and_served_from_it(in_the_bucket, train):
    version = train()
    assert [name for name in in_the_bucket("models") if version in name]


def test_a_backup_in_the_bucket_brings_a_deleted_review_back(
    cluster, in_the_bucket, write_review, find_reviews, owner
):
    mark = write_review()
    for _ in range(3):
        cluster.run_job("postgres-backup")
    assert len(in_the_bucket("backups")) == 2  # As many as are kept.
    (review,) = find_reviews(mark)
    owner.delete(f"/api/reviews/{review['id']}").raise_for_status()
    assert find_reviews(mark) == []
    cluster.run_job("postgres-restore")
    assert [found["id"] for found in find_reviews(mark)] == [review["id"]]
