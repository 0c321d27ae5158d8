package heartwood.server.replication;

import heartwood.resp.RespVersion;

/** Somebody who asks. Confined. */
final class TestClient implements Client {
  private final String name;
  int database;
  RespVersion version = RespVersion.RESP2;
  boolean isSilent;

  TestClient(String name) {
    this.name = name;
  }

  @Override
  public int database() {
    return database;
  }

  @Override
  public RespVersion version() {
    return version;
  }

  @Override
  public boolean isGone() {
    return false;
  }

  @Override
  public boolean isSilent() {
    return isSilent;
  }

  @Override
  public String address() {
    return name + ":1";
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return name;
  }
}
