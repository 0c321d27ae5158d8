package heartwood.server.dispatch;

import heartwood.resp.Request;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.KeyPositions;
import heartwood.server.keyspace.Slots;
import java.util.function.BooleanSupplier;

/** Which slot a command's keys are of. Confined to an event loop, whose scratch it uses again. */
final class SlotRules {
  /** The command names no key. */
  static final int NONE = -1;

  /** Its keys are of several slots, and must not be. */
  static final int CROSS = -2;

  private static final int KEPT_BYTES = 1 << 20;

  private final BooleanSupplier allowsCrossSlot;
  private final KeyPositions keys = new KeyPositions();
  private byte[] keyBytes = new byte[512];

  SlotRules(BooleanSupplier allowsCrossSlot) {
    this.allowsCrossSlot = allowsCrossSlot;
  }

  /** The slot of all keys, or of the first where they may differ; {@link #CROSS}, {@link #NONE}. */
  int commonSlot(CommandSpec spec, Request request) {
    int slot = firstSlot(spec, request);
    if (slot == NONE || allowsCrossSlot.getAsBoolean()) {
      return slot;
    }
    for (int i = 1; i < keys.count(); i++) {
      if (slotOf(request, keys.position(i)) != slot) {
        return CROSS;
      }
    }
    return slot;
  }

  /** The slot of the first key, or {@link #NONE}. */
  int firstSlot(CommandSpec spec, Request request) {
    return spec.hasKeys() && spec.findKeys(request, keys) && keys.count() > 0
        ? slotOf(request, keys.position(0))
        : NONE;
  }

  private int slotOf(Request request, int argument) {
    int length = request.length(argument);
    byte[] key = keyBytes.length >= length ? keyBytes : new byte[length];
    if (key.length <= KEPT_BYTES) {
      keyBytes = key;
    }
    request.copyTo(argument, key, 0);
    return Slots.slotOf(key, 0, length);
  }
}
