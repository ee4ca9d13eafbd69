using System.Net;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>What the stand-in says about customers.</summary>
public sealed class DubCustomersTests : IAsyncLifetime
{
    private DubCaller _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _caller = await DubCaller.StartAsync();
        for (var user = 1; user <= 5; user++)
        {
            await _caller.LeadAsync("deferred", user: $"user_{user}");
            _caller.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public ValueTask DisposeAsync() => _caller.DisposeAsync();

    [Fact]
    public async Task Customer_IsFoundByEitherId()
    {
        var (_, found) = await _caller.GetAsync("/customers/ext_user_3");
        var (_, same) = await _caller.GetAsync("/customers/" + found.GetProperty("id").GetString());
        var (_, listed) = await _caller.GetAsync("/customers?externalId=user_3");
        var (_, none) = await _caller.GetAsync("/customers?externalId=user_9");

        Assert.Equal("user_3", found.GetProperty("externalId").GetString());
        Assert.Equal(found.GetRawText(), same.GetRawText());
        Assert.Equal(found.GetRawText(), Assert.Single(listed.EnumerateArray()).GetRawText());
        Assert.Empty(none.EnumerateArray());
        Assert.Equal(12, found.EnumerateObject().Count());
    }

    [Fact]
    public async Task UnknownCustomer_Is404()
    {
        var (status, error) = await _caller.GetAsync("/customers/user_3");

        Assert.Equal((HttpStatusCode.NotFound, "not_found"), (status, error.Code()));
        Assert.StartsWith("Customer not found.", error.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_GoThroughAllNewestFirst()
    {
        Assert.Equal(["user_5", "user_4"], await ListAsync("pageSize=2"));
        Assert.Equal(["user_1"], await ListAsync("pageSize=2&page=3"));
        Assert.Empty(await ListAsync("pageSize=2&page=4"));
        Assert.Equal(["user_1", "user_2"], await ListAsync("pageSize=2&sortOrder=asc"));
    }

    [Fact]
    public async Task Cursors_GoThroughAllInBothDirections()
    {
        var (_, third) = await _caller.GetAsync("/customers/ext_user_3");
        var id = third.GetProperty("id").GetString();

        Assert.Equal(["user_2", "user_1"], await ListAsync($"startingAfter={id}"));
        Assert.Equal(["user_4"], await ListAsync($"endingBefore={id}&pageSize=1"));
    }

    [Theory]
    [InlineData("pageSize=101", "too_big: pageSize: Max page size is 100.")]
    [InlineData("page=0", "too_small: page: Page must be greater than 0.")]
    [InlineData("page=x", "invalid_type: page: Page must be a number.")]
    [InlineData("page=1001", "Page is too big (cannot be more than 1000), recommend using cursor-based pagination instead.")]
    [InlineData("startingAfter=cus_none", "Invalid cursor: the provided ID does not exist.")]
    [InlineData("startingAfter=a&endingBefore=b", "You cannot use both startingAfter and endingBefore at the same time.")]
    [InlineData("startingAfter=a&page=1", "You cannot use both page and startingAfter/endingBefore at the same time. Please use one pagination method.")]
    [InlineData("startingAfter=a&sortBy=saleAmount", "Cursor-based pagination only supports sorting by `createdAt`. Use offset-based pagination (page/pageSize) for other sort fields.")]
    public async Task FaultyPage_IsRefusedInDubsWords(string query, string message)
    {
        var (status, error) = await _caller.GetAsync("/customers?" + query);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, message), (status, error.Message()));
    }

    private async Task<IEnumerable<string?>> ListAsync(string query)
        => (await _caller.GetAsync("/customers?" + query)).Json.EnumerateArray().Select(customer => customer.GetProperty("externalId").GetString());
}
