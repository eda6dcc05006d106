import Glibc

func decibelsToFactor(_ decibels: Double) -> Double { pow(10, decibels / 20) }
func factorToDecibels(_ factor: Double) -> Double { factor > 0 ? 20 * log10(factor) : -.infinity }
