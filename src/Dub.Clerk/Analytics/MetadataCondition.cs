using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dub.Clerk.Analytics;

/// <summary>A condition on metadata, as Dub writes it: <c>metadata['plan']:pro</c>, with <c>: = != &gt; &lt; &gt;= &lt;=</c>.</summary>
internal sealed partial record MetadataCondition(string Name, string Operator, string Value)
{
    /// <returns>Null where the text is no condition.</returns>
    public static MetadataCondition? Parse(string text)
    {
        var match = Condition.Match(text);
        return match.Success ? new(match.Groups["name"].Value, match.Groups["operator"].Value, match.Groups["value"].Value.Trim('"', '\'')) : null;
    }

    public bool Holds(JsonElement metadata)
    {
        if (metadata.ValueKind != JsonValueKind.Object || !metadata.TryGetProperty(Name, out var property))
        {
            return Operator == "!=";
        }

        var text = property.ValueKind == JsonValueKind.String ? property.GetString()! : property.GetRawText();
        return Operator switch
        {
            ":" or "=" => text == Value,
            "!=" => text != Value,
            _ => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var actual)
                && decimal.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var bound)
                && Operator switch { ">" => actual > bound, "<" => actual < bound, ">=" => actual >= bound, _ => actual <= bound },
        };
    }

    [GeneratedRegex("""^\s*metadata\[(?<quote>['"])(?<name>[^'"\]]{1,100})\k<quote>\]\s*(?<operator>:|=|!=|>=|<=|>|<)\s*(?<value>.{0,500}?)\s*$""", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Condition { get; }
}
