package heartwood.resp;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * A double as Redis 7.2 and newer write it: the fewest digits that read back as the same double.
 * Stateless.
 *
 * <p>{@code Double.toString} is no help: its digits differ between JDK 17 and 19, and the members
 * of a cluster must answer alike.
 */
public final class DoubleText {
  /*
   * Two steps.
   *
   * 1. Scaled integers. Let n = round(v × 10^p) for p = 1, 2, …. While |n| < 10^15 and p ≤ 22, both n
   *    and 10^p are exact doubles, so n / 10^p is the correctly rounded quotient; when it equals v,
   *    the decimal n·10^-p reads back as v. A decimal of at most 15 digits is the only one of its
   *    length in a double's rounding interval, so the first p that works is the shortest. Scores of
   *    a few decimals, which is nearly all of them, end here after some nanoseconds.
   * 2. The definition. Round the exact value to 1, 2, … 17 digits and take the first that reads back.
   *    15 digits decide first, by the same argument, except for subnormal numbers, which have fewer
   *    digits to give. Some microseconds.
   *
   * Redis uses Grisu2 (fpconv), which in about one case of a thousand writes a digit more than
   * needed; those we write shorter. The layout (when to write an exponent) is fpconv's.
   */
  private static final double LARGEST_PLAIN_INTEGER = 1L << 52;

  private static final double[] POWERS_OF_TEN = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  private DoubleText() {}

  public static String of(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    if (Math.abs(value) < LARGEST_PLAIN_INTEGER && value == (long) value) {
      return Long.toString((long) value);
    }
    for (int places = 1; places < POWERS_OF_TEN.length; places++) {
      double scaled = Math.rint(value * POWERS_OF_TEN[places]);
      if (Math.abs(scaled) >= 1e15) {
        break;
      }
      if (scaled / POWERS_OF_TEN[places] == value) {
        return layout(value < 0, Long.toString(Math.abs((long) scaled)), -places);
      }
    }
    BigDecimal shortest = shortest(Math.abs(value)).stripTrailingZeros();
    return layout(value < 0, shortest.unscaledValue().toString(), -shortest.scale());
  }

  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    int firstPrecision = value < Double.MIN_NORMAL ? 1 : 15;
    for (int precision = firstPrecision; precision < 17; precision++) {
      BigDecimal rounded = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == value) {
        return rounded;
      }
    }
    return exact.round(new MathContext(17, RoundingMode.HALF_EVEN));
  }

  /** Writes {@code digits × 10^exponent} where fpconv would put its point or its exponent. */
  private static String layout(boolean isNegative, String digits, int exponent) {
    StringBuilder text = new StringBuilder(26);
    if (isNegative) {
      text.append('-');
    }
    int scientific = digits.length() + exponent - 1; // the exponent after d.ddd
    if (exponent >= 0 && scientific < digits.length() + 7) {
      return text.append(digits).append("0".repeat(exponent)).toString();
    }
    if (exponent < 0 && (exponent > -7 || Math.abs(scientific) < 4)) {
      int wholeDigits = digits.length() + exponent;
      if (wholeDigits <= 0) {
        return text.append("0.").append("0".repeat(-wholeDigits)).append(digits).toString();
      }
      return text.append(digits, 0, wholeDigits)
          .append('.')
          .append(digits, wholeDigits, digits.length())
          .toString();
    }
    text.append(digits.charAt(0));
    if (digits.length() > 1) {
      text.append('.').append(digits, 1, digits.length());
    }
    return text.append('e')
        .append(scientific < 0 ? '-' : '+')
        .append(Math.abs(scientific))
        .toString();
  }
}
