"""Sends requests where wrk is not installed: `python -m benchmarks.client PORT HOST COOKIE SECONDS FILE`."""

import http.client
import sys
import threading
import time
from pathlib import Path

CLIENTS = 8


def main(port: int, host: str, cookie: str, seconds: float, script: Path) -> None:
    """Keep eight connections busy and print requests per second, the 95th percentile in ms, and bad answers."""
    asked = [line.split("\t") for line in script.read_text("utf-8").splitlines()]
    took: list[float] = []
    bad: list[int] = []
    until = time.perf_counter() + seconds

    def client(at: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        headers = {"Host": host, "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        while (started := time.perf_counter()) < until:
            path, body = asked[at % len(asked)]
            at += CLIENTS
            connection.request("POST" if body else "GET", path, body or None, headers)
            answer = connection.getresponse()
            answer.read()
            took.append(time.perf_counter() - started)
            if answer.status >= 400:
                bad.append(answer.status)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(took) / seconds, sorted(took)[int(len(took) * 0.95)] * 1000, len(bad))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]), Path(sys.argv[5]))
