import NunchiSystem

/// Numbers as people read them.
typealias Text = NumberText
