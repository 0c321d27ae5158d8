package heartwood.raft.message;

/** A member's number within its cluster: positive, given once, never reused. Immutable. */
public record NodeId(int number) implements Comparable<NodeId> {
  public NodeId {
    if (number < 1) {
      throw new IllegalArgumentException("node id: " + number + " (expected: 1 or more)");
    }
  }

  @Override
  public int compareTo(NodeId other) {
    return Integer.compare(number, other.number);
  }

  @Override
  public String toString() {
    return "n" + number;
  }
}
