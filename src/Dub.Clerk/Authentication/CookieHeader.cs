using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Authentication;

/// <summary>Reads a <c>Cookie</c> header by RFC 6265 alone: split at semicolons, then at the first equals sign. Other people's cookies (commas,
/// no name, <c>$</c> names, JSON) are stepped over and can hide nothing.</summary>
/// <param name="header">All values of the header.</param>
internal ref struct CookieHeader(StringValues header)
{
    private readonly StringValues _header = header;
    private int _line;
    private ReadOnlySpan<char> _rest;

    /// <summary>The name of the cookie that <see cref="MoveNext"/> came to.</summary>
    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>Its value, without the quotes that may stand around it.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>The first cookie of this name that has a value: browsers send the most specific first. Null when there is none.</summary>
    public static string? Find(StringValues header, string name)
    {
        var cookies = new CookieHeader(header);
        while (cookies.MoveNext())
        {
            if (!cookies.Value.IsEmpty && cookies.Name.SequenceEqual(name))
            {
                return cookies.Value.ToString();
            }
        }

        return null;
    }

    /// <summary>Goes on to the next cookie that has a name and an equals sign.</summary>
    /// <returns>False when there is none left.</returns>
    public bool MoveNext()
    {
        while (true)
        {
            if (_rest.IsEmpty)
            {
                if (_line == _header.Count)
                {
                    return false;
                }

                _rest = _header[_line++];
                continue;
            }

            var end = _rest.IndexOf(';');
            var pair = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? [] : _rest[(end + 1)..];
            var equals = pair.IndexOf('=');
            if (equals < 0)
            {
                continue;
            }

            Name = pair[..equals].Trim([' ', '\t']);
            Value = Unquote(pair[(equals + 1)..].Trim([' ', '\t']));
            return true;
        }
    }

    private static ReadOnlySpan<char> Unquote(ReadOnlySpan<char> value) =>
        value.Length >= 2 && value[0] == '"' && value[^1] == '"' ? value[1..^1] : value;
}
