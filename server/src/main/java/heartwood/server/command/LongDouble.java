package heartwood.server.command;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The floating point numbers of INCRBYFLOAT and HINCRBYFLOAT. Redis computes with C's long double,
 * which on x86-64 has 64 bits of mantissa, and prints {@code %.17Lf} without trailing zeros. This
 * does the same with big decimals, so that every node and every machine gets the same digits, which
 * are those of Redis on x86-64. Immutable and thread-safe.
 *
 * <p>A finite value is a decimal that is exactly a binary fraction of at most 64 significant bits
 * (fewer near zero): parsing and adding round half to even once, printing rounds the exact value
 * once.
 */
final class LongDouble {
  static final LongDouble ZERO = new LongDouble(BigDecimal.ZERO);

  private static final LongDouble INFINITE = new LongDouble(null);

  private static final int MANTISSA_BITS = 64;
  private static final int MAX_EXPONENT = 16_384; // every finite value is below 2^16384
  private static final int MIN_EXPONENT = -16_445; // of the last bit of the smallest value
  private static final int MAX_TEXT_BYTES = 5 * 1024 - 1;
  private static final int MAX_DECIMAL_EXPONENT = 5_200;
  private static final int FRACTION_DIGITS = 17;

  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)(?:[eE]([+-]?\\d+))?");
  private static final Pattern INFINITY =
      Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);

  /** Null for an infinity of either sign. */
  private final @Nullable BigDecimal value;

  private LongDouble(@Nullable BigDecimal value) {
    this.value = value;
  }

  static LongDouble parse(byte[] bytes, String error) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (bytes.length == 0 || bytes.length > MAX_TEXT_BYTES) {
      throw new CommandException(error);
    }
    Matcher decimal = DECIMAL.matcher(text);
    if (!decimal.matches()) {
      if (INFINITY.matcher(text).matches()) {
        return INFINITE;
      }
      throw new CommandException(error);
    }
    BigDecimal mantissa = new BigDecimal(decimal.group(1));
    if (mantissa.signum() == 0) {
      return ZERO;
    }
    String exponentDigits = decimal.group(2);
    BigInteger exponent = exponentDigits == null ? BigInteger.ZERO : new BigInteger(exponentDigits);
    BigInteger magnitude =
        exponent.add(BigInteger.valueOf((long) mantissa.precision() - mantissa.scale()));
    if (magnitude.abs().compareTo(BigInteger.valueOf(MAX_DECIMAL_EXPONENT)) > 0) {
      throw new CommandException(error); // before anything is computed with such a number
    }
    if (text.charAt(0) == '-') {
      mantissa = mantissa.negate();
    }
    LongDouble rounded = rounded(mantissa.scaleByPowerOfTen(exponent.intValueExact()));
    if (!rounded.isFinite() || rounded.value().signum() == 0) {
      throw new CommandException(error);
    }
    return rounded;
  }

  boolean isFinite() {
    return value != null;
  }

  /** The sum of two finite numbers; throws if it is not finite. */
  LongDouble plus(LongDouble increment) {
    if (!isFinite() || !increment.isFinite()) {
      throw new CommandException(Errors.WOULD_BE_NAN_OR_INFINITY);
    }
    LongDouble sum = rounded(value().add(increment.value()));
    if (!sum.isFinite()) {
      throw new CommandException(Errors.WOULD_BE_NAN_OR_INFINITY);
    }
    return sum;
  }

  /** The number as Redis prints it for humans. */
  byte[] digits() {
    BigDecimal shown = value().setScale(FRACTION_DIGITS, RoundingMode.HALF_EVEN);
    String text = shown.signum() == 0 ? "0" : shown.stripTrailingZeros().toPlainString();
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private BigDecimal value() {
    BigDecimal finite = value;
    if (finite == null) {
      throw new IllegalStateException("the number is infinite");
    }
    return finite;
  }

  /** The nearest number of 64 bits; ties go to the even one. */
  private static LongDouble rounded(BigDecimal exact) {
    if (exact.signum() == 0) {
      return ZERO;
    }
    BigDecimal magnitude = exact.abs();
    int exponent = Math.max(binaryExponent(magnitude) - MANTISSA_BITS, MIN_EXPONENT);
    BigInteger mantissa = scaledDown(magnitude, exponent);
    if (mantissa.bitLength() + exponent > MAX_EXPONENT) {
      return INFINITE;
    }
    BigDecimal rounded =
        exponent >= 0
            ? new BigDecimal(mantissa.shiftLeft(exponent))
            : new BigDecimal(mantissa).divide(new BigDecimal(BigInteger.ONE.shiftLeft(-exponent)));
    return new LongDouble(exact.signum() < 0 ? rounded.negate() : rounded);
  }

  /** The e with 2^(e-1) <= x < 2^e. */
  private static int binaryExponent(BigDecimal x) {
    BigInteger whole = x.toBigInteger();
    if (whole.signum() > 0) {
      return whole.bitLength();
    }
    // Below one: the guess from the decimal logarithm is off by a few, then corrected.
    BigDecimal power = BigDecimal.ONE.divide(x, MathContext.DECIMAL64);
    int exponent = 1 - power.toBigInteger().bitLength();
    while (scaledDownFloor(x, exponent).signum() > 0) {
      exponent++;
    }
    while (scaledDownFloor(x, exponent - 1).signum() == 0) {
      exponent--;
    }
    return exponent;
  }

  private static BigInteger scaledDownFloor(BigDecimal x, int exponent) {
    return times(x, exponent).toBigInteger();
  }

  private static BigInteger scaledDown(BigDecimal x, int exponent) {
    if (exponent <= 0) {
      return times(x, exponent).setScale(0, RoundingMode.HALF_EVEN).toBigIntegerExact();
    }
    return x.divide(new BigDecimal(BigInteger.ONE.shiftLeft(exponent)), 0, RoundingMode.HALF_EVEN)
        .toBigIntegerExact();
  }

  /** x / 2^exponent for exponent <= 1. */
  private static BigDecimal times(BigDecimal x, int exponent) {
    return exponent > 0
        ? x.divide(BigDecimal.valueOf(2))
        : x.multiply(new BigDecimal(BigInteger.ONE.shiftLeft(-exponent)));
  }
}
