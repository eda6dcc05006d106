extension AsyncStream.Continuation where Element: Sendable {
    /// Yields the element again and again until the task is cancelled.
    func repeating(_ element: Element, every interval: Duration) -> Task<Void, any Error> {
        Task {
            while true {
                try await Task.sleep(for: interval)
                yield(element)
            }
        }
    }
}
