from candor_local import logs


def test_the_log_of_the_last_run_is_put_aside(tmp_path):
    log = tmp_path / "api.log"
    log.write_text("old")
    logs.rotate(log)
    assert not log.exists()
    assert (tmp_path / "api.log.1").read_text() == "old"


def test_a_log_that_grew_too_large_is_cut_while_its_writer_goes_on(tmp_path):
    log = tmp_path / "api.log"
    with log.open("a") as writer:
        writer.write("much text")
        writer.flush()
        logs.shorten(log, largest=5)
        writer.write("later")
    assert log.read_text() == "later"
    assert (tmp_path / "api.log.1").read_text() == "much text"


def test_a_small_log_is_left_alone(tmp_path):
    log = tmp_path / "api.log"
    log.write_text("few")
    logs.shorten(log, largest=5)
    assert log.read_text() == "few"


def test_the_tail_is_the_last_lines_even_of_text_that_is_not_utf8(tmp_path):
    log = tmp_path / "api.log"
    log.write_bytes(b"one\ntwo\nthree \xff\n")
    assert logs.tail(log, lines=2) == "two\nthree \ufffd"
    assert logs.tail(tmp_path / "none.log") == ""
