#!/usr/bin/env python3
"""A bad line between two ends of a UDP protocol: udp-relay.py PORT TARGET-PORT LOSS-PERCENT DELAY-MS SEED

What comes to PORT goes to TARGET-PORT, and answers go back, each way with that loss and that delay; the same seed loses the
same packets. Everything is on loopback.
"""
import asyncio, random, sys

port, target, loss, delay, seed = (float(word) for word in sys.argv[1:6])
chance = random.Random(seed)
loop = asyncio.new_event_loop()


def passed(send, data):
    if chance.random() * 100 >= loss:
        loop.call_later(delay / 1000, send, data)


class Up(asyncio.DatagramProtocol):
    """Towards the target, for one client."""

    def __init__(self, back):
        self.back = back

    def datagram_received(self, data, address):
        passed(self.back, data)


class Front(asyncio.DatagramProtocol):
    def __init__(self):
        self.clients = {}

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        if address not in self.clients:
            back = lambda data: self.transport.sendto(data, address)
            task = loop.create_task(
                loop.create_datagram_endpoint(lambda: Up(back), remote_addr=("127.0.0.1", int(target))))
            self.clients[address] = task
            task.add_done_callback(lambda done: passed(done.result()[0].sendto, data))
        elif self.clients[address].done():
            passed(self.clients[address].result()[0].sendto, data)


loop.run_until_complete(loop.create_datagram_endpoint(Front, local_addr=("127.0.0.1", int(port))))
loop.run_forever()
