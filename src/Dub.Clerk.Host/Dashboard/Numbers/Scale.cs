using System.Globalization;
using System.Text;

namespace Dub.Clerk.Host.Dashboard.Numbers;

/// <summary>Bars in a drawing of <see cref="Width"/> by <see cref="Height"/>, which the page stretches to the room there is.</summary>
internal sealed class Scale
{
    public const int Width = 1000;
    public const int Height = 100;

    private readonly IReadOnlyList<long> _values;

    public Scale(IReadOnlyList<long> values)
    {
        _values = values;
        Top = Round(Math.Max(values.DefaultIfEmpty().Max(), 1));
    }

    /// <summary>The value at the top: a round number that no bar is above.</summary>
    public long Top { get; }

    /// <summary>All bars as one path: a hundred elements would cost a hundred times as much to send.</summary>
    public string Bars
    {
        get
        {
            var path = new StringBuilder();
            var (step, gap) = ((double)Width / _values.Count, (double)Width / _values.Count / 6);
            for (var at = 0; at < _values.Count; at++)
            {
                if (_values[at] > 0)
                {
                    // What is there is seen, however small beside the others.
                    var height = Math.Max((double)Height * _values[at] / Top, 1);
                    path.Append(CultureInfo.InvariantCulture, $"M{(at * step) + gap:0.#} {Height}v-{height:0.##}h{step - (2 * gap):0.##}V{Height}z");
                }
            }

            return path.ToString();
        }
    }

    /// <summary>Beside the bars there is little room: 20k, 1.5M. Exact, of numbers as round as <see cref="Top"/> and its half.</summary>
    public static string Short(long number) => number switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{number / 1_000_000_000m:#,0.#}G"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{number / 1_000_000m:0.#}M"),
        >= 10_000 => string.Create(CultureInfo.InvariantCulture, $"{number / 1000m:0.#}k"),
        _ => Spoken.Number(number),
    };

    /// <inheritdoc cref="Short"/>
    public static string ShortDollars(long cents) => cents % 100 == 0 ? "$" + Short(cents / 100) : Spoken.Dollars(cents);

    /// <summary>The next of 1, 1.2, 1.6, 2, 4, 6, 8 or 10 times a power of ten, whose halves are round as well.</summary>
    private static long Round(long value)
    {
        if (value <= 2)
        {
            return 2;
        }

        long power = 1;
        while (power <= value / 10)
        {
            power *= 10;
        }

        foreach (var tenths in (ReadOnlySpan<long>)[10, 12, 16, 20, 40, 60, 80])
        {
            if (tenths * power / 10 >= value)
            {
                return tenths * power / 10;
            }
        }

        return 10 * power;
    }
}
