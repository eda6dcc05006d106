import Foundation
import LinuxSystem
import VenuecastModel

/// What a browser shows of the recordings: plain lists, for whoever has nothing else.
enum FilePages {
    static func sessions(_ recordings: [RecordingSummary]) -> String {
        let rows = recordings.map { recording in
            let start = recording.startedAt.map { VenuecastJSON.format($0) } ?? ""
            return
                "<tr><td><a href=\"/v1/recordings/\(encoded(recording.session))/files\">\(escaped(recording.session))</a>"
                + "<td>\(escaped(start))<td>\(recording.segments)<td>\(recording.bytes)"
        }
        return page(
            "Venuecast · 录制 recordings",
            "<table><tr><th>session 场次<th>began 开始<th>segments 分段<th>bytes 字节\(rows.joined())</table>")
    }

    static func files(_ session: String, _ entries: [FileTree.Entry]) -> String {
        let rows = entries.map { entry in
            let path = entry.path.split(separator: "/").map { encoded(String($0)) }.joined(separator: "/")
            return "<tr><td><a href=\"/v1/recordings/\(encoded(session))/files/\(path)\">\(escaped(entry.path))</a>"
                + "<td>\(entry.bytes)"
        }
        return page(
            "\(session) · 文件 files",
            "<p><a href=\"/recordings\">← 录制 recordings</a></p><table><tr><th>file 文件<th>bytes 字节\(rows.joined())</table>"
        )
    }

    static func mediaType(_ path: String) -> String {
        let types = [
            "mov": "video/quicktime", "mp4": "video/mp4", "mkv": "video/x-matroska", "mxf": "application/mxf",
            "json": "application/json", "xml": "application/xml", "mhl": "application/xml",
            "csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8", "edl": "text/plain; charset=utf-8",
            "otio": "application/json",
        ]
        return types[path.split(separator: ".").last.map(String.init) ?? ""] ?? "application/octet-stream"
    }

    private static func page(_ title: String, _ body: String) -> String {
        """
        <!DOCTYPE html><html lang="zh"><meta charset="utf-8"><title>\(escaped(title))</title>
        <style>body{font-family:sans-serif;margin:2em}td,th{padding:.2em 1em;text-align:left}td:last-child{text-align:right}</style>
        <h1>\(escaped(title))</h1>\(body)</html>

        """
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~")))
            ?? ""
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
