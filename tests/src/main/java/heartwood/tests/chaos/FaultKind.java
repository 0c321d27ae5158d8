package heartwood.tests.chaos;

/** What {@code --faults} chooses from. */
enum FaultKind {
  KILL("#c0392b"),
  PAUSE("#8e44ad"),
  PARTITION("#2980b9"),
  DELAY("#d68910"),
  DISK("#7f8c8d"),
  MEMBERS("#16a085"),
  HISTORY("#2c3e50");

  private final String colour;

  FaultKind(String colour) {
    this.colour = colour;
  }

  /** In pictures. */
  String colour() {
    return colour;
  }
}
