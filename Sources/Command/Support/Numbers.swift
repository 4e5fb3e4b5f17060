import NunchiSystem

/// Numbers as text for people.
typealias Text = NumberText
