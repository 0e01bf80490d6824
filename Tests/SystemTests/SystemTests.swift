import Testing

/// What starts processes runs one after the other: a machine with two cores has no room for more.
@Suite(.serialized) enum SystemTests {}
