import Testing

/// What happens to real servers when something breaks; each test prints a line of figures.
///
/// One after the other: a machine with two cores has no room for more.
@Suite(.serialized) enum FaultTests {}
