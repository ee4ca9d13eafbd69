using System.Text.Json;
using Dub.Clerk.Conversions;

namespace Dub.Clerk.Host.Api;

/// <summary>The kinds of fields that leads, sales and customers have.</summary>
internal sealed partial class JsonBody
{
    /// <summary>A text field that must be there, and have something in it.</summary>
    public string? Filled(string name, int maxLength, string emptyMessage)
    {
        if (!TryGetProperty(name, out var element))
        {
            return Refuse($"invalid_type: {_path}{name}: Invalid input: expected string, received undefined");
        }

        var text = ReadText(name, element, int.MaxValue)?.Trim();
        return text is null ? null
            : text.Length == 0 ? Refuse($"too_small: {_path}{name}: {emptyMessage}")
            : text.Length > maxLength ? RefuseLength(name, maxLength)
            : text;
    }

    /// <summary>A text field that may be absent, but not null.</summary>
    public string TextOr(string name, string fallback, int maxLength = int.MaxValue)
        => TryGetProperty(name, out var element) ? ReadText(name, element, maxLength) ?? fallback : fallback;

    /// <summary>An e-mail address; null when it is absent, null, or faulty.</summary>
    public string? Email(string name)
    {
        var text = Text(name);
        return text is null ? null
            : !Profile.IsEmail(text) ? Refuse($"invalid_format: {_path}{name}: Invalid email address")
            : text.Length > Profile.MaxLength ? RefuseLength(name, Profile.MaxLength)
            : text;
    }

    /// <summary>One of some words; the fallback where it is absent or faulty. Null is none of them.</summary>
    public string Option(string name, string fallback, params IReadOnlyList<string> words)
    {
        if (!TryGetProperty(name, out var element))
        {
            return fallback;
        }

        if (element.ValueKind == JsonValueKind.String && TryGetString(element, out var text) && words.Contains(text, StringComparer.Ordinal))
        {
            return text!;
        }

        Refuse($"invalid_value: {_path}{name}: Invalid option: expected one of {string.Join('|', words.Select(word => $"\"{word}\""))}");
        return fallback;
    }

    /// <summary>A whole number from 1; null when it is absent, null, or faulty.</summary>
    public int? Quantity(string name, int max)
    {
        if (!TryGetProperty(name, out var element) || element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Number)
        {
            Refuse($"invalid_type: {_path}{name}: Invalid input: expected number, received {NameOf(element)}");
            return null;
        }

        var number = element.GetDouble();
        var fault = number != Math.Floor(number) ? "invalid_type: {0}: Invalid input: expected int, received number"
            : number <= 0 ? "too_small: {0}: Too small: expected number to be >0"
            : number > max ? $"too_big: {{0}}: Too big: expected number to be <={max}"
            : null;
        if (fault is null)
        {
            return (int)number;
        }

        Refuse(fault.Replace("{0}", _path + name, StringComparison.Ordinal));
        return null;
    }

    /// <summary>An amount in the smallest unit of a currency; 0 when it is faulty.</summary>
    public long Amount(string name)
    {
        if (!TryGetProperty(name, out var element) || element.ValueKind != JsonValueKind.Number)
        {
            Refuse($"invalid_type: {name}: {name} is required");
            return 0;
        }

        var amount = element.GetDouble();
        var fault = amount != Math.Floor(amount) ? $"invalid_type: {name}: Invalid input: expected int, received number"
            : amount < 0 ? $"too_small: {name}: {name} cannot be negative"
            : amount > Money.Max ? $"too_big: {name}: Too big: expected int to be <={Money.Max}"
            : null;
        if (fault is null)
        {
            return (long)amount;
        }

        Refuse(fault);
        return 0;
    }

    /// <summary>An object of anything; null when it is absent, null, or faulty. It outlives the body.</summary>
    public JsonElement? Metadata(string name = "metadata")
    {
        if (!TryGetProperty(name, out var element) || element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            Refuse($"invalid_type: {name}: Invalid input: expected record, received {NameOf(element)}");
            return null;
        }

        var (compact, length) = ConversionLimits.Compact(element);
        if (compact is null)
        {
            Refuse($"custom: {name}: Metadata must be at most {ConversionLimits.MetadataDepth} levels deep, and its texts well-formed");
        }
        else if (length > ConversionLimits.Metadata)
        {
            Refuse($"custom: {name}: Metadata must be less than 10,000 characters when stringified");
            return null;
        }

        return compact;
    }
}
