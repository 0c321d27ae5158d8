package heartwood.resp.netty;

/**
 * How much one request may hold before the connection is closed. Immutable.
 *
 * @param maxInlineBytes the longest line: an inline request, or the number before a bulk
 * @param maxArgumentCount the most arguments of one request, the command name included
 * @param maxBulkBytes the longest argument: {@code proto-max-bulk-len}
 * @param maxRequestBytes the longest request, headers included: {@code client-query-buffer-limit}
 * @param maxUnauthenticatedArgumentCount as maxArgumentCount, while the client must still
 *     authenticate
 * @param maxUnauthenticatedBulkBytes as maxBulkBytes, while the client must still authenticate
 */
public record FrameLimits(
    int maxInlineBytes,
    int maxArgumentCount,
    int maxBulkBytes,
    int maxRequestBytes,
    int maxUnauthenticatedArgumentCount,
    int maxUnauthenticatedBulkBytes) {

  /** Redis' own; but it lets a request have 2^31 - 1 arguments. */
  public static final FrameLimits DEFAULT =
      new FrameLimits(64 << 10, 1 << 20, 512 << 20, 1 << 30, 10, 16 << 10);

  public FrameLimits {
    requirePositive("maxInlineBytes", maxInlineBytes);
    requirePositive("maxArgumentCount", maxArgumentCount);
    requirePositive("maxBulkBytes", maxBulkBytes);
    requirePositive("maxRequestBytes", maxRequestBytes);
    requirePositive("maxUnauthenticatedArgumentCount", maxUnauthenticatedArgumentCount);
    requirePositive("maxUnauthenticatedBulkBytes", maxUnauthenticatedBulkBytes);
  }

  /** Redis takes any 64-bit size here; a request never exceeds 2 GiB with us. */
  public FrameLimits withMaxBulkBytes(long bytes) {
    return new FrameLimits(
        maxInlineBytes,
        maxArgumentCount,
        clamp(bytes),
        maxRequestBytes,
        maxUnauthenticatedArgumentCount,
        maxUnauthenticatedBulkBytes);
  }

  /** Redis takes any 64-bit size here; a request never exceeds 2 GiB with us. */
  public FrameLimits withMaxRequestBytes(long bytes) {
    return new FrameLimits(
        maxInlineBytes,
        maxArgumentCount,
        maxBulkBytes,
        clamp(bytes),
        maxUnauthenticatedArgumentCount,
        maxUnauthenticatedBulkBytes);
  }

  private static int clamp(long bytes) {
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }
}
