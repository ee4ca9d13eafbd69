using Dub.Clerk.Conversions;
using Dub.Clerk.Store;

namespace Dub.Clerk.Tests.Conversions;

public sealed class IdTests
{
    [Fact]
    public void EventId_ForAShard_IsAClickIdThere()
    {
        for (var i = 0; i < 4000; i++)
        {
            var id = Ids.NewEvent(i % StoreKeys.Shards);

            Assert.True(ClickId.IsValid(id), id);
            Assert.Equal(i % StoreKeys.Shards, StoreKeys.ShardOf(id));
        }
    }

    [Fact]
    public void CustomerId_ForAPartition_IsThereAndInTheOrderOfTime()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var before = string.Empty;
        for (var i = 0; i < 4000; i++)
        {
            var id = Ids.NewCustomer(i % StoreKeys.Partitions, now.AddMilliseconds(i));

            Assert.Equal(i % StoreKeys.Partitions, StoreKeys.PartitionOf(id));
            Assert.True(string.CompareOrdinal(before, id) < 0, $"{before} is not before {id}");
            before = id;
        }
    }

    /// <summary>Of 62,000 characters each should be there a thousand times: by chance none is off by a fifth in the life of the universe.</summary>
    [Fact]
    public void RandomText_HasEveryCharacterAsOften()
    {
        const string alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        Span<char> text = new char[1000 * alphabet.Length];

        RandomText.Fill(text, alphabet);

        foreach (var one in alphabet)
        {
            Assert.InRange(text.Count(one), 800, 1200);
        }
    }

    [Fact]
    public void EventIds_AreAllDifferent()
    {
        const int count = 100_000;

        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            ids.Add(i % 2 == 0 ? Ids.NewEvent() : Ids.NewEvent(i % StoreKeys.Shards));
        }

        Assert.Equal(count, ids.Count);
    }
}
