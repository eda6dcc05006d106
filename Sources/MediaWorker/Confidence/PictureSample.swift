/// What of a picture is looked at: its luma, at some points of each cell of a grid. A picture of any size becomes about
/// 58 kilobytes, which are compared in a fraction of a millisecond.
struct PictureSample: Sendable, Equatable {
    static let columns = 64
    static let rows = 36
    /// Along each side of a cell.
    private static let perSide = 5
    private static let perCell = perSide * perSide

    /// Cell after cell.
    private let points: [UInt8]
    /// The average of each cell.
    private let cells: [Float]

    /// 8-bit luma, of which the first sample is at the beginning. Nil when there is less than it says.
    /// - Parameters: bytes from one row to the next, and from one sample to the next in a row.
    init?(luma: UnsafeRawBufferPointer, width: Int, height: Int, stride: Int, step: Int = 1) {
        guard width >= Self.columns, height >= Self.rows, luma.count > stride * (height - 1) + step * (width - 1) else {
            return nil
        }
        let across = (0..<(Self.columns * Self.perSide)).map {
            $0 * width / (Self.columns * Self.perSide) * step
        }
        let down = (0..<(Self.rows * Self.perSide)).map { $0 * height / (Self.rows * Self.perSide) * stride }
        var sums = [Float](repeating: 0, count: Self.columns * Self.rows)
        points = [UInt8](unsafeUninitializedCapacity: Self.columns * Self.rows * Self.perCell) { points, count in
            for (row, line) in down.enumerated() {
                for (column, place) in across.enumerated() {
                    let value = luma[line + place]
                    let cell = row / Self.perSide * Self.columns + column / Self.perSide
                    points[cell * Self.perCell + row % Self.perSide * Self.perSide + column % Self.perSide] = value
                    sums[cell] += Float(value)
                }
            }
            count = points.count
        }
        cells = sums.map { $0 / Float(Self.perCell) }
    }

    /// 8-bit luma, on average.
    var mean: Double { Double(cells.reduce(0, +)) / Double(cells.count) }
    /// Of the brightest cell.
    var brightest: Double { Double(cells.max() ?? 0) }

    /// In levels of luma: of the points on average, and of the cell that has changed most.
    func difference(from other: PictureSample) -> (mean: Double, cell: Double) {
        var sum = 0
        for (left, right) in zip(points, other.points) { sum += abs(Int(left) - Int(right)) }
        var largest: Float = 0
        for (left, right) in zip(cells, other.cells) { largest = max(largest, abs(left - right)) }
        return (Double(sum) / Double(points.count), Double(largest))
    }
}
