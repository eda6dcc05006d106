// CoordinatorTests
