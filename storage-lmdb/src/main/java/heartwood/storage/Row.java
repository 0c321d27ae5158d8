package heartwood.storage;

import java.nio.ByteBuffer;

/**
 * A row's present version.
 *
 * @param born the revision that wrote it
 * @param value read-only, big endian, from position to limit
 */
public record Row(long born, ByteBuffer value) {}
