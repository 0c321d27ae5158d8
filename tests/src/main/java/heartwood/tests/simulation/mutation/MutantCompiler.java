package heartwood.tests.simulation.mutation;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Makes the classes of a broken source file, to stand before the sound ones. Stateless. */
final class MutantCompiler {
  private final Path root;

  /**
   * @param root of the repository
   */
  MutantCompiler(Path root) {
    this.root = root;
  }

  /**
   * Compiles into a directory.
   *
   * @throws IllegalStateException when the snippet is not there, or the break does not compile
   */
  void compile(Mutant mutant, Path classes) {
    Path file = root.resolve(mutant.sourceFile());
    try {
      compile(mutant, file, mutant.breakIn(Files.readString(file)), classes);
    } catch (IOException e) {
      throw new UncheckedIOException(mutant.name() + ": " + file, e);
    }
  }

  private static void compile(Mutant mutant, Path file, String source, Path classes)
      throws IOException {
    JavaCompiler compiler =
        Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "no compiler: not a JDK");
    StringWriter complaints = new StringWriter();
    List<String> options =
        List.of(
            "-proc:none",
            "-nowarn",
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            classes.toString());
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  complaints, files, null, options, null, List.of(new Source(file.toUri(), source)))
              .call();
      if (!compiled) {
        throw new IllegalStateException(mutant.name() + " does not compile:\n" + complaints);
      }
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(URI uri, String text) {
      super(uri, Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
