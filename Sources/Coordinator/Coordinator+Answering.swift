/// For whoever must know that nothing hangs, before a client finds out.
extension Coordinator {
    /// Returns when the coordinator has got round to it.
    public func answer() {}

    /// Returns when the supervision of workers has got round to it; does not ask the coordinator.
    public nonisolated func supervisionAnswers() async {
        await reconciler.answer()
    }
}
