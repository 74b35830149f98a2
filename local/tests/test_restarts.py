from candor_local.restarts import RestartPolicy

POLICY = RestartPolicy(limit=5, recovery=60, first_delay=0.5, longest_delay=3)


def test_the_delay_doubles_up_to_the_longest_and_then_it_gives_up():
    assert [POLICY.delay(failures) for failures in range(1, 6)] == [0.5, 1, 2, 3, None]


def test_a_part_that_was_healthy_for_long_starts_a_new_row_of_failures():
    assert POLICY.count(4, healthy_for=60) == 1
    assert POLICY.count(4, healthy_for=59) == 5
