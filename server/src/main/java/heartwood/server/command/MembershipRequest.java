package heartwood.server.command;

import heartwood.server.config.MemberAddress;
import org.jspecify.annotations.Nullable;

/** What the leader is asked to do about the members. All are immutable. */
public sealed interface MembershipRequest {
  /**
   * @param joins whether it is to vote once it has caught up
   */
  record Add(MemberAddress member, boolean joins) implements MembershipRequest {}

  record Promote(int node) implements MembershipRequest {}

  record Remove(int node) implements MembershipRequest {}

  /** A member listens elsewhere. */
  record Move(MemberAddress member) implements MembershipRequest {}

  /**
   * @param node null: whoever is furthest
   */
  record Transfer(@Nullable Integer node) implements MembershipRequest {}

  /** How a command of a {@link CommandSpec.Kind#MEMBERSHIP} is read. */
  @FunctionalInterface
  interface Reader {
    /** Throws {@link CommandException}. */
    MembershipRequest read(Arguments args);
  }
}
