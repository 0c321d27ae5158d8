package heartwood.raft.message;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A configuration as bytes, big endian; the same configuration gives the same bytes. Stateless.
 *
 * <pre>
 *   version(1) memberCount(2) member…  voters outgoing learners joining
 *   member = node(4) redirectPort(4) proxyPort(4) peerPort(4) adminPort(4) hostLength(2) host
 *   voters, outgoing, learners, joining = count(2) node(4)…
 * </pre>
 */
public final class ConfigurationCodec {
  private static final byte VERSION = 2;

  private ConfigurationCodec() {}

  public static byte[] encode(Configuration configuration) {
    int bytes = 1 + 2;
    for (Member member : configuration.members()) {
      bytes += 5 * 4 + 2 + host(member).length;
    }
    bytes += nodeSetBytes(configuration.voters());
    bytes += nodeSetBytes(configuration.outgoing());
    bytes += nodeSetBytes(configuration.learners());
    bytes += nodeSetBytes(configuration.joining());
    ByteBuffer target = ByteBuffer.allocate(bytes);
    target.put(VERSION).putShort((short) configuration.members().size());
    for (Member member : configuration.members()) {
      byte[] host = host(member);
      target
          .putInt(member.id().number())
          .putInt(member.redirectPort())
          .putInt(member.proxyPort())
          .putInt(member.peerPort())
          .putInt(member.adminPort())
          .putShort((short) host.length)
          .put(host);
    }
    putNodes(target, configuration.voters());
    putNodes(target, configuration.outgoing());
    putNodes(target, configuration.learners());
    putNodes(target, configuration.joining());
    return target.array();
  }

  public static Configuration decode(byte[] bytes) {
    try {
      ByteBuffer source = ByteBuffer.wrap(bytes);
      byte version = source.get();
      if (version != VERSION) {
        throw new MalformedException("configuration version: " + version + " (expected: 2)");
      }
      int count = source.getShort();
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        NodeId id = new NodeId(source.getInt());
        int redirectPort = source.getInt();
        int proxyPort = source.getInt();
        int peerPort = source.getInt();
        int adminPort = source.getInt();
        byte[] host = new byte[source.getShort()];
        source.get(host);
        members.add(
            new Member(
                id,
                new String(host, StandardCharsets.UTF_8),
                redirectPort,
                proxyPort,
                peerPort,
                adminPort));
      }
      return new Configuration(members, nodes(source), nodes(source), nodes(source), nodes(source));
    } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException e) {
      throw new MalformedException("configuration: " + e);
    }
  }

  private static byte[] host(Member member) {
    return member.host().getBytes(StandardCharsets.UTF_8);
  }

  private static int nodeSetBytes(Set<NodeId> nodes) {
    return 2 + 4 * nodes.size();
  }

  private static void putNodes(ByteBuffer target, Set<NodeId> nodes) {
    target.putShort((short) nodes.size());
    new TreeSet<>(nodes).forEach(node -> target.putInt(node.number()));
  }

  private static Set<NodeId> nodes(ByteBuffer source) {
    int count = source.getShort();
    Set<NodeId> nodes = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      nodes.add(new NodeId(source.getInt()));
    }
    return nodes;
  }
}
