public enum Venuecast {
    public static let version = "0.1.0"
}
