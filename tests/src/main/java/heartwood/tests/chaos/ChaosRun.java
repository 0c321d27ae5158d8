package heartwood.tests.chaos;

import heartwood.resp.Reply;
import heartwood.server.config.MemberAddress;
import heartwood.tests.chaos.FaultPlan.Fault;
import heartwood.tests.history.HistoryChecker;
import heartwood.tests.history.HistoryFile;
import heartwood.tests.history.Kind;
import heartwood.tests.history.Operation;
import heartwood.tests.history.Outcome;
import heartwood.tests.process.Await;
import heartwood.tests.process.ClusterLayout;
import heartwood.tests.process.ClusterRig;
import heartwood.tests.process.RawConnection;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One run: a cluster, its clients, faults until the time is up, then a while without any, in which
 * every client must succeed again and all nodes must come to the same state. Confined to the thread
 * that steers.
 */
final class ChaosRun {
  private static final Duration RECOVERY = Duration.ofSeconds(10);
  private static final Duration CALM = Duration.ofSeconds(30);
  private static final String[] WIDE = {};

  /** So that a node asks its disk for more all the time. */
  private static final String[] NARROW = {"--log-max-bytes", "1mb", "--overlay-max-bytes", "1mb"};

  private static final int READS_PER_TRIP = 50;
  private static final int MAX_PAST_READS = 200;

  private final ChaosOptions options;
  private final PrintStream out;
  private final List<FaultEvent> events = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private final List<ChaosClient> clients = new ArrayList<>();
  private boolean hasFullDisks;

  ChaosRun(ChaosOptions options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /** Runs, writes the files, and tells whether everything held that must. */
  boolean run() throws IOException {
    Files.createDirectories(options.directory());
    ClusterLayout layout =
        ClusterLayout.mapped(
            options.directory(), options.nodeCount(), fillsDisks() ? NARROW : WIDE);
    try (HistoryFile file = HistoryFile.create(options.historyFile());
        FaultProxy proxy = new FaultProxy(options.seed());
        SmallDisks disks = new SmallDisks()) {
      file.remark("seed " + options.seed() + ", faults " + options.faults());
      Set<FaultKind> kinds = possible(layout, disks);
      for (MemberAddress member : layout.members()) {
        proxy.listen(member.id(), member.peerPort(), layout.peerPort(member));
      }
      try (ClusterRig rig = ClusterRig.start(layout)) {
        Recorder recorder = new Recorder(file);
        Workload workload = new Workload(recorder::now, fillsDisks());
        FaultInjector injector = new FaultInjector(rig, workload, proxy, disks, recorder::now);
        disturb(rig, recorder, workload, injector, kinds);
        checkNodes(rig);
        return report(recorder, file);
      }
    }
  }

  private boolean fillsDisks() {
    return options.faults().contains(FaultKind.DISK);
  }

  /** The kinds that this machine allows. */
  private Set<FaultKind> possible(ClusterLayout layout, SmallDisks disks) {
    Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    kinds.addAll(options.faults());
    if (kinds.contains(FaultKind.DISK)) {
      try {
        for (MemberAddress member : layout.members()) {
          disks.mount(layout.dataDirectory(member));
        }
      } catch (IOException e) {
        kinds.remove(FaultKind.DISK);
        remark("no disk faults: a small file system cannot be mounted here: " + e.getMessage());
      }
    }
    return kinds;
  }

  private void disturb(
      ClusterRig rig,
      Recorder recorder,
      Workload workload,
      FaultInjector injector,
      Set<FaultKind> kinds) {
    List<Thread> threads = new ArrayList<>();
    for (int number = 0; number < options.clientCount(); number++) {
      ChaosClient client =
          new ChaosClient(number, rig::memberAddresses, workload, recorder, options.seed());
      Thread thread = new Thread(client, "client-" + number);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
      clients.add(client);
    }
    long forMillis = options.duration().toMillis();
    for (Fault fault : FaultPlan.draw(options.seed(), kinds, forMillis).faults()) {
      boolean hadAllKinds = events.size() >= kinds.size();
      if (hadAllKinds && recorder.now() > options.duration().toNanos()) {
        break; // Recovering has taken its time too.
      }
      inject(rig, injector, fault, recorder);
    }
    awaitUntil(recorder, options.duration().toNanos()); // With no faults there was nothing to do.
    awaitSuccess(rig, recorder);
    clients.forEach(ChaosClient::stop);
    threads.forEach(ChaosRun::join);
    readAll(rig, recorder);
  }

  private void inject(ClusterRig rig, FaultInjector injector, Fault fault, Recorder recorder) {
    FaultEvent event;
    try {
      event = injector.inject(fault);
    } catch (AssertionError e) {
      complain(fault.form().words() + ": " + e.getMessage());
      return;
    }
    hasFullDisks |= fault.form().kind() == FaultKind.DISK;
    events.add(event);
    out.println(Report.line(event));
    awaitWhole(injector, fault, recorder);
    awaitUntil(recorder, recorder.now() + fault.restMillis() * 1_000_000L);
    for (int node : rig.members()) {
      Integer code = rig.unexpectedExit(node);
      if (code != null) {
        String what = "node " + node + " ended by itself with " + code;
        if (hasFullDisks) {
          remark(what);
        } else {
          complain(what + " after: " + Report.line(event).trim());
        }
        rig.restart(node);
      }
    }
  }

  /** Mostly the next fault waits until this one is forgotten, and sometimes it comes on top. */
  private void awaitWhole(FaultInjector injector, Fault fault, Recorder recorder) {
    long deadline = recorder.now() + RECOVERY.toNanos();
    if (fault.pick() % 4 != 0) {
      Await.until(
          "the cluster is whole, or has had its time",
          RECOVERY.plusSeconds(10),
          () -> injector.isWhole() || recorder.now() > deadline);
    }
  }

  private static void awaitUntil(Recorder recorder, long nanos) {
    Duration bound = Duration.ofNanos(Math.max(0, nanos - recorder.now())).plusSeconds(1);
    Await.until("the time has come", bound, () -> recorder.now() >= nanos);
  }

  // ---- Without faults ----

  private void awaitSuccess(ClusterRig rig, Recorder recorder) {
    long calmNanos = recorder.now();
    out.printf("%9.3f s  no more faults: every client must succeed again%n", calmNanos / 1e9);
    try {
      rig.awaitAllAnswering();
      Await.until(
          () ->
              "every client succeeds again; these do not: "
                  + clients.stream()
                      .filter(client -> client.lastWriteNanos() < calmNanos)
                      .map(clients::indexOf)
                      .toList(),
          CALM,
          () -> clients.stream().allMatch(client -> client.lastWriteNanos() >= calmNanos));
    } catch (AssertionError e) {
      complain(e.getMessage() + "\n" + rig.describe());
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(CALM.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Reads every object once more, and what was told of the past, each node in its turn. */
  private void readAll(ClusterRig rig, Recorder recorder) {
    Map<String, Kind> objects = new LinkedHashMap<>();
    List<Request> past = new ArrayList<>();
    for (Operation operation : recorder.operations()) {
      String revision = operation.argument();
      if (operation.kind() != Kind.PAST) {
        objects.put(operation.key(), Workload.readOf(operation.kind()));
      } else if (operation.outcome() == Outcome.OK
          && revision != null
          && past.size() < MAX_PAST_READS) {
        past.add(Workload.past(operation.key(), revision));
      }
    }
    List<Request> requests = new ArrayList<>();
    objects.forEach((object, kind) -> requests.add(Workload.readAgain(object, kind)));
    if (past.isEmpty() && !options.faults().contains(FaultKind.HISTORY)) {
      complain("no read as of now was answered, so nothing is known of the past");
    }
    try {
      for (int i = 0; i < requests.size(); i += READS_PER_TRIP) {
        int node = rig.members().get(i / READS_PER_TRIP % rig.members().size());
        int end = Math.min(requests.size(), i + READS_PER_TRIP);
        read(rig.connectProxy(node), node, requests.subList(i, end), recorder);
      }
      for (int node : rig.members()) {
        read(rig.connectProxy(node), node, past, recorder);
      }
    } catch (IOException e) {
      complain("a read of the end was not answered: " + e);
    }
  }

  private void read(RawConnection connection, int node, List<Request> requests, Recorder recorder)
      throws IOException {
    try (connection) {
      for (Request request : requests) {
        long invokeNanos = recorder.now();
        Reply reply = connection.call(request.command());
        Operation told =
            request.told(options.clientCount() + node, reply, invokeNanos, recorder.now());
        recorder.add(told);
        String error = RawConnection.errorOf(reply);
        boolean isForgotten =
            told.kind() == Kind.PAST
                && error != null
                && (error.startsWith("COMPACTED ") || error.startsWith("PURGED "));
        if (told.outcome() != Outcome.OK && !isForgotten) {
          complain("a read of the end failed: " + told.sentence() + ", " + error);
        }
      }
    }
  }

  private void checkNodes(ClusterRig rig) {
    try {
      rig.requireEqualDigests();
    } catch (AssertionError e) {
      complain(e.getMessage() + "\n" + rig.describe());
    }
    for (int node = 1; node <= rig.size(); node++) {
      for (String error : rig.errors(node)) {
        String what = "node " + node + " logged: " + error;
        if (hasFullDisks) {
          remark(what);
        } else {
          complain(what);
        }
      }
    }
  }

  private void complain(String what) {
    complaints.add(what);
    out.println("BROKEN: " + what);
  }

  private void remark(String what) {
    remarks.add(what);
    out.println(what);
  }

  // ---- The verdict ----

  private boolean report(Recorder recorder, HistoryFile file) throws IOException {
    file.close();
    List<Operation> operations = recorder.operations();
    Report report =
        new Report(
            options,
            operations,
            recorder.errors(),
            events,
            remarks,
            complaints,
            new HistoryChecker().judge(operations));
    Files.writeString(options.reportFile(), report.text());
    Files.writeString(options.timelineFile(), TimelineSvg.draw(operations, events));
    out.print(report.text());
    return report.isOk();
  }
}
