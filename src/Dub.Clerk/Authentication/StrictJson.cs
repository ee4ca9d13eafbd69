using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Dub.Clerk.Authentication;

/// <summary>JSON that every reader reads alike: valid UTF-8, the grammar to the letter, and no member twice in an object, however its name
/// is escaped. Where one reader takes the first <c>sub</c> and another the last, a token has two meanings.</summary>
internal static class StrictJson
{
    /// <param name="json">One object, and nothing around it but white space.</param>
    /// <param name="maxDepth">How many objects and arrays may be open at once.</param>
    /// <param name="maxMembers">How many members all its objects may have together; it bounds the work of comparing names.</param>
    public static bool IsObject(ReadOnlySpan<byte> json, int maxDepth, int maxMembers)
    {
        if (!IsWellFormedObject(json, maxDepth))
        {
            return false;
        }

        var names = ArrayPool<byte>.Shared.Rent(json.Length);
        var marks = ArrayPool<int>.Shared.Rent(2 * maxMembers);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
            _ = reader.Read();
            return new OpenNames(names, marks.AsSpan(0, maxMembers), marks.AsSpan(maxMembers, maxMembers)).AreUniqueIn(ref reader);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(marks);
            ArrayPool<byte>.Shared.Return(names);
        }
    }

    /// <summary>The same without the question whether a name comes twice: for a look at what has no signature yet, whose cost must not grow
    /// faster than its length. What passes, <c>Utf8JsonReader</c> reads without an exception.</summary>
    public static bool IsWellFormedObject(ReadOnlySpan<byte> json, int maxDepth) => Utf8.IsValid(json) && JsonGrammar.IsObject(json, maxDepth);

    /// <summary>The names in the objects that are still open, one after the other: the last object's names are the last ones. Hashes are
    /// compared first, many at a time; a hash only ever leads to a comparison of the names.</summary>
    private ref struct OpenNames(Span<byte> names, Span<int> ends, Span<int> hashes)
    {
        private readonly Span<byte> _names = names;
        private readonly Span<int> _ends = ends;
        private readonly Span<int> _hashes = hashes;
        private int _count;
        private int _members;

        /// <summary>Reads the object that the reader has just entered, up to its end.</summary>
        public bool AreUniqueIn(ref Utf8JsonReader reader)
        {
            var first = _count;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (!Add(first, ref reader))
                    {
                        return false;
                    }
                }
                else if (reader.TokenType == JsonTokenType.StartObject && !AreUniqueIn(ref reader))
                {
                    return false;
                }
            }

            _count = first;
            return true;
        }

        private bool Add(int first, ref Utf8JsonReader reader)
        {
            if (++_members > _ends.Length)
            {
                return false;
            }

            var start = EndOf(_count - 1);
            var name = _names.Slice(start, reader.CopyString(_names[start..]));
            var hash = Hash(name);
            for (var i = first; _hashes[i.._count].IndexOf(hash) is >= 0 and var hit; i += hit + 1)
            {
                if (_names[EndOf(i + hit - 1)..EndOf(i + hit)].SequenceEqual(name))
                {
                    return false;
                }
            }

            _hashes[_count] = hash;
            _ends[_count++] = start + name.Length;
            return true;
        }

        private readonly int EndOf(int index) => index < 0 ? 0 : _ends[index];

        /// <summary>FNV-1a: short names, no set-up.</summary>
        private static int Hash(ReadOnlySpan<byte> name)
        {
            var hash = 2166136261u;
            foreach (var value in name)
            {
                hash = (hash ^ value) * 16777619u;
            }

            return (int)hash;
        }
    }
}
