#!/usr/bin/env python3
"""A webhook that misbehaves when told to: webhook-server.py PORT LOG PLAN

PLAN is a file with a word for each request, the last one for all that follow: ok, 500, hang, cut, redirect. Each request
is appended to LOG as a line of JSON: what was answered, the headers and the body.
"""
import http.server, json, socketserver, sys, threading, time

port, log, plan = int(sys.argv[1]), sys.argv[2], sys.argv[3]
lock = threading.Lock()
count = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global count
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        with lock:
            words = open(plan).read().split()
            word = words[min(count, len(words) - 1)]
            count += 1
            with open(log, "a") as file:
                entry = {"answer": word, "headers": dict(self.headers.items()), "body": body}
                file.write(json.dumps(entry) + "\n")
        if word == "hang":
            time.sleep(3600)
        if word == "cut":
            return self.connection.close()
        self.send_response({"ok": 204, "redirect": 302}.get(word) or int(word))
        if word == "redirect":
            self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True


Server(("127.0.0.1", port), Handler).serve_forever()
