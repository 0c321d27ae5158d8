package heartwood.storage;

/** A named table, as opened by the {@link Tables} it belongs to. Immutable. */
public interface Table {
  String name();
}
