/// Columns that give way when the terminal is narrow.
struct Table: Sendable {
    struct Column: Sendable {
        var title: String
        /// Numbers stand at the right.
        var trailing = false
        /// Columns it can be cut down to; nil: it is never cut.
        var minimum: Int?
        /// Which one goes first when cutting is not enough; 0 goes even before that; nil: it stays.
        var dropped: Int?
        var cells: [Line.Span]

        fileprivate var natural: Int {
            cells.reduce(DisplayWidth.of(title)) { max($0, $1.width) }
        }
    }

    var columns: [Column]

    /// The titles and a line for each row.
    func lines(width: Int) -> [Line] {
        let (columns, widths) = fitted(to: width)
        guard let rows = columns.first?.cells.count else { return [] }
        let head = columns.map { Line.Span($0.title, .dim) }
        return ([head] + (0..<rows).map { row in columns.map { $0.cells[row] } }).map { cells in
            var line = Line()
            for (index, cell) in cells.enumerated() {
                if index > 0 { line.append(" ") }
                let shown = DisplayWidth.truncate(cell.text, to: widths[index])
                let padding = String(repeating: " ", count: widths[index] - DisplayWidth.of(shown))
                if columns[index].trailing { line.append(padding) }
                line.append(shown, cell.style)
                if !columns[index].trailing { line.append(padding) }
            }
            return line
        }
    }

    private func fitted(to width: Int) -> ([Column], [Int]) {
        var columns = self.columns
        while true {
            var widths = columns.map(\.natural)
            var excess = widths.reduce(columns.count - 1, +) - width
            let droppable = columns.indices.filter { columns[$0].dropped != nil }
            let next = droppable.min { columns[$0].dropped! < columns[$1].dropped! }
            if excess > 0, let next, columns[next].dropped == 0 {
                columns.remove(at: next)
                continue
            }
            // What may go altogether is cut before what must stay.
            let cuttable = columns.indices.filter { columns[$0].minimum != nil }
            for index in cuttable.sorted(by: { columns[$0].dropped != nil && columns[$1].dropped == nil }) {
                let cut = min(max(0, excess), max(0, widths[index] - columns[index].minimum!))
                widths[index] -= cut
                excess -= cut
            }
            guard excess > 0, let next else { return (columns, widths) }
            columns.remove(at: next)
        }
    }
}
