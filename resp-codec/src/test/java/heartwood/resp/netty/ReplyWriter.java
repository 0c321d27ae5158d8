package heartwood.resp.netty;

import heartwood.resp.Reply;
import heartwood.resp.RespVersion;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes a reply that is a value: through the sink where it has a method, else byte by byte. */
final class ReplyWriter {
  private final ByteBuf out;
  private final ByteBufReplySink sink;

  ReplyWriter(ByteBuf out, RespVersion version) {
    this.out = out;
    this.sink = new ByteBufReplySink(out, version);
  }

  void write(Reply reply) {
    if (reply instanceof Reply.SimpleString simple) {
      sink.simpleString(simple.text());
    } else if (reply instanceof Reply.SimpleError error) {
      sink.error(error.message());
    } else if (reply instanceof Reply.IntegerReply integer) {
      sink.integer(integer.value());
    } else if (reply instanceof Reply.DoubleReply number) {
      sink.doubleValue(number.value());
    } else if (reply instanceof Reply.BooleanReply bool) {
      sink.bool(bool.value());
    } else if (reply instanceof Reply.BigNumber number) {
      sink.bigNumber(number.digits());
    } else if (reply instanceof Reply.BulkString bulk) {
      sink.bulk(bulk.value().toArray());
    } else if (reply instanceof Reply.BulkError error) {
      byte[] message = error.message().toArray();
      out.writeBytes(("!" + message.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(message).writeBytes(new byte[] {'\r', '\n'});
    } else if (reply instanceof Reply.VerbatimString verbatim) {
      sink.verbatim(verbatim.format(), verbatim.text().utf8());
    } else if (reply instanceof Reply.Null nothing) {
      writeNull(nothing);
    } else {
      writeAggregate(reply);
    }
  }

  private void writeNull(Reply.Null nothing) {
    if (nothing == Reply.Null.ARRAY) {
      sink.nullArray();
    } else {
      sink.nullBulk();
    }
  }

  private void writeAggregate(Reply reply) {
    if (reply instanceof Reply.Array array) {
      sink.array(array.elements().size());
      array.elements().forEach(this::write);
    } else if (reply instanceof Reply.SetReply set) {
      sink.set(set.elements().size());
      set.elements().forEach(this::write);
    } else if (reply instanceof Reply.Push push) {
      sink.push(push.elements().size());
      push.elements().forEach(this::write);
    } else if (reply instanceof Reply.MapReply map) {
      sink.map(map.entries().size());
      writeEntries(map.entries());
    } else if (reply instanceof Reply.Attributed attributed) {
      String header = "|" + attributed.attributes().size() + "\r\n";
      out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
      writeEntries(attributed.attributes());
      write(attributed.reply());
    } else {
      throw new AssertionError(reply);
    }
  }

  private void writeEntries(List<Reply.Entry> entries) {
    for (Reply.Entry entry : entries) {
      write(entry.key());
      write(entry.value());
    }
  }
}
