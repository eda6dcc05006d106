import Foundation
import VenuecastModel

/// The page that is printed and signed: both languages, no script, nothing from elsewhere.
enum LineUpPage {
    static func html(_ result: LineUp.Result, clock: Clock) -> String {
        let verdict = result.go ? "GO 可以开始" : "NO-GO 不可开始"
        let failed = result.items.count { !$0.go }
        let rows = result.items.map { item in
            """
            <tr class="\(item.go ? "go" : "no")"><td>\(item.go ? "GO" : "NO-GO")</td>\
            <td>\(escaped(item.titleZh))\(item.title == item.titleZh ? "" : "<br><small>\(escaped(item.title))</small>")</td>\
            <td>\(escaped(item.reasonZh))<br><small>\(escaped(item.reason))</small></td></tr>
            """
        }
        return """
            <!DOCTYPE html>
            <html lang="zh">
            <head>
            <meta charset="utf-8">
            <title>开播检查单 Line-up: \(escaped(result.activity))</title>
            <style>
            @page { size: A4; margin: 15mm }
            body { font: 11pt/1.35 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2em auto; max-width: 180mm }
            h1 { font-size: 16pt; margin: 0 }
            .verdict { border: 2pt solid; font-size: 18pt; font-weight: bold; margin: .6em 0; padding: .2em .6em }
            table { border-collapse: collapse; width: 100% }
            td, th { border: .5pt solid #888; padding: .25em .5em; text-align: left; vertical-align: top }
            td:first-child { font-weight: bold; white-space: nowrap }
            tr { page-break-inside: avoid }
            .no td { background: #fdd; -webkit-print-color-adjust: exact; print-color-adjust: exact }
            small { color: #444 }
            .sign { display: flex; gap: 2em; margin-top: 2.5em; page-break-inside: avoid }
            .sign div { border-top: .8pt solid; flex: 1; padding-top: .3em }
            </style>
            </head>
            <body>
            <h1>开播检查单 Line-up</h1>
            <p>\(escaped(result.activity))<br>\(clock.dayAndTime(result.time)) · \
            观察 \(result.seconds) 秒 looked at for \(result.seconds) s</p>
            <p class="verdict">\(verdict)\(failed == 0 ? "" : " (\(failed))")</p>
            <table>
            <tr><th></th><th>项目 Item</th><th>依据 Reason</th></tr>
            \(rows.joined(separator: "\n"))
            </table>
            <div class="sign">
            <div>技术负责人 Technician</div><div>现场导演 Director</div><div>日期时间 Date and time</div>
            </div>
            </body>
            </html>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
