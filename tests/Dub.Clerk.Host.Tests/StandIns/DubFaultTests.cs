using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>Each fault of the stand-in does what it says, as an HttpClient sees it, and then the call made again shows what really happened.</summary>
public sealed class DubFaultTests : IAsyncLifetime
{
    private DubCaller _caller = null!;

    private DubStandIn Dub => _caller.Dub;

    public async ValueTask InitializeAsync() => _caller = await DubCaller.StartAsync();

    public ValueTask DisposeAsync() => _caller.DisposeAsync();

    [Fact]
    public async Task TooManyRequests_TellsTheMomentInMillisecondsAndDoesNothing()
    {
        Dub.Faults.Script("/track/lead", FaultKind.TooManyRequests);

        using var response = await SendAsync();

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        var reset = long.Parse(response.Headers.GetValues("X-RateLimit-Reset").Single(), null);
        Assert.Equal(_caller.Time.GetUtcNow().AddSeconds(1).ToUnixTimeMilliseconds(), reset);
        Assert.Equal($"{reset}", response.Headers.NonValidated["Retry-After"].ToString());
        Assert.Equal("0", response.Headers.GetValues("X-RateLimit-Remaining").Single());
        await AssertNothingHappenedAsync();
        AssertCounted(FaultKind.TooManyRequests);
    }

    [Theory]
    [InlineData(nameof(FaultKind.ServerErrorBefore), HttpStatusCode.InternalServerError, "internal_server_error")]
    [InlineData(nameof(FaultKind.Unauthorized), HttpStatusCode.Unauthorized, "unauthorized")]
    [InlineData(nameof(FaultKind.Forbidden), HttpStatusCode.Forbidden, "forbidden")]
    public async Task ErrorBeforeTheEffect_DoesNothing(string name, HttpStatusCode status, string code)
    {
        var kind = Enum.Parse<FaultKind>(name);
        Dub.Faults.Script("/track/lead", kind);

        var (actual, error) = await _caller.LeadAsync();

        Assert.Equal((status, code), (actual, error.Code()));
        await AssertNothingHappenedAsync();
        AssertCounted(kind);
    }

    [Fact]
    public async Task ServerErrorAfter_HasRecordedTheLead()
    {
        Dub.Faults.Script("/track/lead", FaultKind.ServerErrorAfter);

        var (status, error) = await _caller.LeadAsync();

        Assert.Equal((HttpStatusCode.InternalServerError, "internal_server_error"), (status, error.Code()));
        await AssertEverythingHappenedAsync();
        AssertCounted(FaultKind.ServerErrorAfter);
    }

    [Fact]
    public async Task KeyTakenThenLost_HasNoLeadAndSilencesRetriesForSevenDays()
    {
        Dub.Faults.Script("/track/lead", FaultKind.KeyTakenThenLost);

        var (status, _) = await _caller.LeadAsync();
        var (_, retry) = await _caller.LeadAsync();
        _caller.Time.Advance(TimeSpan.FromDays(7));
        Assert.Empty(Dub.Leads);
        var (_, late) = await _caller.LeadAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.False(retry.HasLink());
        Assert.True(late.HasLink());
        await _caller.UntilLeadsAsync(1);
        AssertCounted(FaultKind.KeyTakenThenLost);
    }

    [Fact]
    public async Task KeyTakenThenLost_OnACallThatTakesNoKey_IsAnErrorBeforeTheEffect()
    {
        Dub.Faults.Script("/track/lead", FaultKind.KeyTakenThenLost);

        var (status, _) = await _caller.LeadAsync("deferred");

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Empty(Dub.Customers);
        AssertCounted(FaultKind.ServerErrorBefore);
    }

    [Fact]
    public async Task KeyTakenThenLost_OnADuplicate_LosesNothing()
    {
        Dub.Faults.Script("/track/lead", null, FaultKind.KeyTakenThenLost);

        await _caller.LeadAsync();
        var (status, _) = await _caller.LeadAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        await _caller.UntilLeadsAsync(1);
        AssertCounted(FaultKind.ServerErrorBefore);
    }

    [Fact]
    public async Task LeadNeverRecorded_AnswersWithTheLinkAndThereIsNoLead()
    {
        Dub.Faults.Script("/track/lead", FaultKind.LeadNeverRecorded);

        var (_, reply) = await _caller.LeadAsync();
        var (_, retry) = await _caller.LeadAsync();
        await _caller.LeadAsync(user: "user_2");
        await _caller.UntilLeadsAsync(1);

        Assert.True(reply.HasLink());
        Assert.False(retry.HasLink());
        Assert.Equal("user_2", Assert.Single(Dub.Leads).CustomerExternalId);
        AssertCounted(FaultKind.LeadNeverRecorded);
    }

    [Fact]
    public async Task TimeoutBefore_HoldsUntilTheClientGivesUpAndDoesNothing()
    {
        Dub.Faults.Script("/track/lead", FaultKind.TimeoutBefore);

        await AssertTimesOutAsync();

        await AssertNothingHappenedAsync();
        AssertCounted(FaultKind.TimeoutBefore);
    }

    [Fact]
    public async Task TimeoutAfter_HoldsUntilTheClientGivesUpAndHasRecordedTheLead()
    {
        Dub.Faults.Script("/track/lead", FaultKind.TimeoutAfter);

        await AssertTimesOutAsync();

        await AssertEverythingHappenedAsync();
        AssertCounted(FaultKind.TimeoutAfter);
    }

    [Fact]
    public async Task Timeout_OfAPatientClient_EndsWithoutAReply()
    {
        Dub.Options.HoldAtMost = TimeSpan.FromMilliseconds(100);
        Dub.Faults.Script("/track/lead", FaultKind.TimeoutBefore);

        await Assert.ThrowsAsync<HttpRequestException>(SendAsync);
    }

    [Fact]
    public async Task Timeout_DoesNotKeepTheStandInFromStopping()
    {
        Dub.Faults.Script("/track/lead", FaultKind.TimeoutBefore);
        var held = SendAsync();
        await Testing.Poll.UntilAsync(() => Dub.Faults.Injected.Count == 1, "the call is held");

        await _caller.Dub.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<HttpRequestException>(() => held);
    }

    [Fact]
    public async Task ResetBefore_ResetsTheConnectionAndDoesNothing()
    {
        Dub.Faults.Script("/track/lead", FaultKind.ResetBefore);

        await AssertIsResetAsync();

        await AssertNothingHappenedAsync();
        AssertCounted(FaultKind.ResetBefore);
    }

    [Fact]
    public async Task ResetAfter_ResetsTheConnectionAndHasRecordedTheLead()
    {
        Dub.Faults.Script("/track/lead", FaultKind.ResetAfter);

        await AssertIsResetAsync();

        await AssertEverythingHappenedAsync();
        AssertCounted(FaultKind.ResetAfter);
    }

    [Fact]
    public async Task SlowDrip_SendsTheHeadAtOnceAndTheBodyInItsTime()
    {
        Dub.Options.HoldAtMost = TimeSpan.FromSeconds(6);
        Dub.Faults.Script("/track/lead", FaultKind.SlowDrip);

        using var request = Request();
        using var response = await _caller.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[16 * 1024];
        var first = await body.ReadAsync(buffer, TestContext.Current.CancellationToken);
        var text = new StringBuilder(Encoding.UTF8.GetString(buffer, 0, first));
        var reads = 1;
        for (int read; (read = await body.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0; reads++)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(reads >= 3, $"The body came in {reads} parts.");
        Assert.True(JsonDocument.Parse(text.ToString()).RootElement.HasLink());
        await AssertEverythingHappenedAsync();
        AssertCounted(FaultKind.SlowDrip);
    }

    [Fact]
    public async Task WrongContentType_IsTheRightReplyAsText()
    {
        Dub.Faults.Script("/track/lead", FaultKind.WrongContentType);

        using var response = await SendAsync();

        Assert.Equal((HttpStatusCode.OK, "text/plain"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.True(JsonDocument.Parse(await BodyAsync(response)).RootElement.HasLink());
        await AssertEverythingHappenedAsync();
        AssertCounted(FaultKind.WrongContentType);
    }

    [Fact]
    public async Task HtmlErrorPage_IsAProxysAndTheLeadIsRecorded()
    {
        Dub.Faults.Script("/track/lead", FaultKind.HtmlErrorPage);

        using var response = await SendAsync();

        Assert.Equal((HttpStatusCode.BadGateway, "text/html"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.StartsWith("<html>", await BodyAsync(response), StringComparison.Ordinal);
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("X-RateLimit", StringComparison.Ordinal));
        await AssertEverythingHappenedAsync();
        AssertCounted(FaultKind.HtmlErrorPage);
    }

    [Fact]
    public async Task TruncatedJson_IsAWholeReplyOfHalfADocument()
    {
        Dub.Faults.Script("/track/lead", FaultKind.TruncatedJson);

        using var response = await SendAsync();

        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        var body = await BodyAsync(response);
        Assert.StartsWith("{\"click\"", body, StringComparison.Ordinal);
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(body));
        await AssertEverythingHappenedAsync();
        AssertCounted(FaultKind.TruncatedJson);
    }

    [Fact]
    public async Task Script_ServesItsPathInOrderAndThenAnyPath()
    {
        Dub.Faults.Script(null, FaultKind.ServerErrorBefore);
        Dub.Faults.Script("/track/lead", FaultKind.Forbidden, null);

        var statuses = new List<HttpStatusCode>();
        for (var call = 0; call < 4; call++)
        {
            statuses.Add((await _caller.LeadAsync("deferred")).Status);
        }

        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.InternalServerError, HttpStatusCode.OK], statuses);
    }

    [Fact]
    public async Task Chances_OfAPathWinOverThoseOfAll()
    {
        Dub.Faults.Set(FaultKind.ServerErrorBefore, 1);
        Dub.Faults.Set(FaultKind.Forbidden, 1, "/track/lead");

        Assert.Equal(HttpStatusCode.Forbidden, (await _caller.LeadAsync()).Status);
        Assert.Equal(HttpStatusCode.InternalServerError, (await _caller.GetAsync("/customers")).Status);

        Dub.Faults.Clear();
        Assert.Equal(HttpStatusCode.OK, (await _caller.LeadAsync()).Status);
    }

    [Fact]
    public async Task FaultsSparesControlAndShortLinks()
    {
        Dub.Faults.Set(FaultKind.ResetBefore, 1);

        Assert.Equal(HttpStatusCode.OK, (await _caller.GetAsync("/_stand-in/calls")).Status);
        Assert.Empty(Dub.Faults.Injected);
    }

    private static HttpRequestMessage Request() => new(HttpMethod.Post, "/track/lead")
    {
        Content = new StringContent(DubCaller.LeadCall().ToJsonString(), Encoding.UTF8, "application/json"),
    };

    private static Task<string> BodyAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private async Task<HttpResponseMessage> SendAsync()
    {
        using var request = Request();
        return await _caller.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task AssertTimesOutAsync()
    {
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var request = Request();
        var call = _caller.Http.SendAsync(request, impatient.Token);
        await Testing.Poll.UntilAsync(() => Dub.Faults.Injected.Count == 1, "the call is held");
        Assert.False(call.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private async Task AssertIsResetAsync()
    {
        var exception = await Assert.ThrowsAsync<HttpRequestException>(SendAsync);
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(exception.GetBaseException()).SocketErrorCode);
    }

    private async Task AssertNothingHappenedAsync()
    {
        Assert.Empty(Dub.Customers);
        Assert.True((await _caller.LeadAsync()).Json.HasLink());
        await _caller.UntilLeadsAsync(1);
    }

    private async Task AssertEverythingHappenedAsync()
    {
        await _caller.UntilLeadsAsync(1);
        Assert.False((await _caller.LeadAsync()).Json.HasLink());
    }

    private void AssertCounted(FaultKind kind) => Assert.Equal([new KeyValuePair<FaultKind, int>(kind, 1)], Dub.Faults.Injected);
}
