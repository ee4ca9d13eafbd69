using System.Globalization;
using System.Text.Json;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>A customer about to be created, as the scripts that create one take it.</summary>
internal sealed record NewCustomer
{
    /// <summary>The external id it is asked for by.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Where it is kept; another only where the external id was given to a customer who is gone.</summary>
    public required string Home { get; init; }

    public required Click Click { get; init; }

    public string? Name { get; init; }

    public string? Email { get; init; }

    public string? Avatar { get; init; }

    /// <summary>Since when name, address and picture are so, as Clerk told; null where somebody else said so.</summary>
    public DateTimeOffset? ProfileAt { get; init; }

    public string Id { get; private init; } = string.Empty;

    /// <summary>The same with an id that shares the slot of its home.</summary>
    public NewCustomer WithId(DateTimeOffset now) => this with { Id = Ids.NewCustomer(StoreKeys.PartitionOf(Home), now) };

    /// <summary>Key of the id, and indexes.</summary>
    public RedisKey[] Keys(StoreKeys keys) => CustomerIndexes.KeysOf(keys, Id, Home, Click.LinkId, Click.Country, Email);

    /// <summary>Id, home, and the fields of the record.</summary>
    public IEnumerable<RedisValue> Arguments(DateTimeOffset now)
    {
        (string Name, RedisValue Value)[] fields =
        [
            ("v", "1"),
            ("id", Id),
            ("external_id", ExternalId),
            ("name", FirstFilled(Name, Email)),
            ("email", Email),
            ("avatar", Avatar),
            ("profile_at", ProfileAt?.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
            ("country", Click.Country),
            ("click", Click.Id),
            ("click_json", JsonSerializer.SerializeToUtf8Bytes(Click, ConversionsJsonContext.Default.Click)),
            ("clicked_at", Click.Timestamp.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
            ("link", Click.LinkId),
            ("created_at", now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
        ];
        return [Id, Home, .. fields.Where(field => !field.Value.IsNull).SelectMany(field => new RedisValue[] { field.Name, field.Value })];
    }

    /// <summary>The customer as it is stored now, where it was created.</summary>
    public Customer Created(DateTimeOffset now) => new()
    {
        Home = Home,
        Id = Id,
        ExternalId = ExternalId,
        Name = FirstFilled(Name, Email),
        Email = Email,
        Avatar = Avatar,
        Country = Click.Country,
        LinkId = Click.LinkId,
        ClickId = Click.Id,
        Click = Click,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
    };

    private static string? FirstFilled(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (!string.IsNullOrEmpty(text))
            {
                return text;
            }
        }

        return null;
    }
}
