package heartwood.tests.simulation;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.node.StateMachine;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * The state that entries make: registers, a counter, and a chain over every entry, which differs as
 * soon as anything applied differs. Confined to the simulation.
 */
final class RegisterState {
  private long appliedIndex;
  private long appliedTerm;
  private long chain;
  private long counter;
  private Configuration configuration;
  private final TreeMap<Integer, Long> registers = new TreeMap<>();

  /**
   * @param configuration before the first entry
   */
  RegisterState(Configuration configuration) {
    this.configuration = configuration;
  }

  /** There is no state, though there was one. */
  static RegisterState lost() {
    RegisterState lost = new RegisterState(Configuration.NONE);
    lost.appliedIndex = StateMachine.LOST;
    return lost;
  }

  Configuration configuration() {
    return configuration;
  }

  RegisterState copy() {
    RegisterState copy = new RegisterState(configuration);
    copy.appliedIndex = appliedIndex;
    copy.appliedTerm = appliedTerm;
    copy.chain = chain;
    copy.counter = counter;
    copy.registers.putAll(registers);
    return copy;
  }

  void apply(LogEntry entry) {
    appliedIndex = entry.index();
    appliedTerm = entry.term();
    mix(entry.index());
    mix(entry.term());
    ByteBuffer bytes = ByteBuffer.wrap(entry.payload());
    while (bytes.remaining() >= Long.BYTES) {
      mix(bytes.getLong());
    }
    while (bytes.hasRemaining()) {
      mix(bytes.get());
    }
    if (entry.kind() == EntryKind.CONFIGURATION) {
      configuration = ConfigurationCodec.decode(entry.payload());
    }
    if (entry.kind() != EntryKind.COMMANDS) {
      return;
    }
    byte[] payload = entry.payload();
    if (RegisterOperation.kindOf(payload) == RegisterOperation.Kind.WRITE) {
      registers.put(RegisterOperation.keyOf(payload), RegisterOperation.idOf(payload));
    } else {
      counter++;
    }
  }

  private void mix(long value) {
    chain = (chain ^ value) * 0x9E3779B97F4A7C15L;
    chain ^= chain >>> 29;
  }

  long appliedIndex() {
    return appliedIndex;
  }

  long appliedTerm() {
    return appliedTerm;
  }

  long chain() {
    return chain;
  }

  long counter() {
    return counter;
  }

  /** Id of the operation that wrote a key last; 0: none did. */
  long register(int key) {
    return registers.getOrDefault(key, 0L);
  }

  /** The file that a peer pulls; the filler gives it several pieces. */
  byte[] encode(int fillerBytes) {
    byte[] members = ConfigurationCodec.encode(configuration);
    ByteBuffer bytes =
        ByteBuffer.allocate(4 + members.length + 36 + registers.size() * 12 + fillerBytes);
    bytes.putInt(members.length).put(members);
    bytes.putLong(appliedIndex).putLong(appliedTerm).putLong(chain).putLong(counter);
    bytes.putInt(registers.size());
    for (Map.Entry<Integer, Long> register : registers.entrySet()) {
      bytes.putInt(register.getKey()).putLong(register.getValue());
    }
    return bytes.array();
  }

  static RegisterState decode(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file);
    byte[] members = new byte[bytes.getInt()];
    bytes.get(members);
    RegisterState state = new RegisterState(ConfigurationCodec.decode(members));
    state.appliedIndex = bytes.getLong();
    state.appliedTerm = bytes.getLong();
    state.chain = bytes.getLong();
    state.counter = bytes.getLong();
    for (int left = bytes.getInt(); left > 0; left--) {
      state.registers.put(bytes.getInt(), bytes.getLong());
    }
    return state;
  }
}
