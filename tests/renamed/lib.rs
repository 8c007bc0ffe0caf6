//! Nothing: its tests are users of `orm` who call it something else.
