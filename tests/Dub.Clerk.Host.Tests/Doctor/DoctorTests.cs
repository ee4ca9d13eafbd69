using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;
using Dub.Clerk.Webhooks;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Host.Tests.Doctor;

/// <summary>Each fault of an installation is provoked, over real HTTP, and named with its remedy.</summary>
public sealed class DoctorTests(Clinic clinic) : IClassFixture<Clinic>
{
    private static readonly Dictionary<string, (Action<Patient> Spoil, string Subject, string Said)> Faults = new()
    {
        // Settings
        ["publishable key in the secret key's place"] = (p => p.Settings["CLERK_SECRET_KEY"] = p.Settings["CLERK_PUBLISHABLE_KEY"], "Settings", "CLERK_SECRET_KEY holds Clerk's publishable key"),
        ["secret key in the publishable key's place"] = (p => p.Settings["CLERK_PUBLISHABLE_KEY"] = p.Settings["CLERK_SECRET_KEY"], "Settings", "CLERK_PUBLISHABLE_KEY holds Clerk's secret key"),
        ["Dub's key in Clerk's place"] = (p => p.Settings["CLERK_SECRET_KEY"] = p.Settings["DUB_API_KEY"], "Settings", "CLERK_SECRET_KEY holds Dub's API key"),
        ["Clerk's key in Dub's place"] = (p => p.Settings["DUB_API_KEY"] = p.Settings["CLERK_SECRET_KEY"], "Settings", "DUB_API_KEY holds Clerk's secret key"),
        ["Dub's key without its beginning"] = (p => p.Settings["DUB_API_KEY"] = "abcdefgh12345678", "Settings", "DUB_API_KEY does not begin with dub_"),
        ["damaged publishable key"] = (p => p.Settings["CLERK_PUBLISHABLE_KEY"] = "pk_test_xxxx", "Settings", "The publishable key is damaged"),
        ["webhook secret too short"] = (p => p.Settings["CLERK_WEBHOOK_SIGNING_SECRET"] = "whsec_c2hvcnQ=", "Settings", "The webhook secret has 5 bytes"),
        ["webhook secret that is none"] = (p => p.Settings["CLERK_WEBHOOK_SIGNING_SECRET"] = "whsec_???", "Settings", "The webhook secret is not base64"),
        ["one secret for both webhooks"] = (p => p.Settings["DUB_WEBHOOK_SECRET"] = p.Settings["CLERK_WEBHOOK_SIGNING_SECRET"], "Settings", "are the same"),
        ["Dub's webhook secret too short"] = (p => p.Settings["DUB_WEBHOOK_SECRET"] = "whsec_short", "Settings", "DUB_WEBHOOK_SECRET is shorter than 16"),
        ["development and production mixed"] = (p => p.Settings["CLERK_SECRET_KEY"] = "sk_live_" + new string('a', 40), "Settings", "a development key and CLERK_SECRET_KEY a production one"),
        ["two publishable keys"] = (p => p.Settings["NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY"] = "pk_test_Y2xlcmsuY2xlcmsuZGV2JA", "Settings", "differ"),
        ["secret published with the pages"] = (p => p.Settings["NEXT_PUBLIC_CLERK_SECRET_KEY"] = p.Settings["CLERK_SECRET_KEY"], "Settings", "NEXT_PUBLIC_CLERK_SECRET_KEY holds a secret"),
        ["foreign issuer"] = (p => p.Settings["DubClerk:Issuer"] = "https://clerk.example.com", "Settings", "DubClerk:Issuer is another than"),
        ["Dub's key given to callers"] = (p => p.Settings["DUBCLERK_API_KEY"] = p.Settings["DUB_API_KEY"], "Settings", "DUBCLERK_API_KEY is your DUB_API_KEY"),
        ["authorized party with a path"] = (p => p.Settings["DubClerk:AuthorizedParties:0"] = "https://app.example.com/app", "Settings", "which is no origin"),
        ["authorized party without a scheme"] = (p => p.Settings["DubClerk:AuthorizedParties:0"] = "app.example.com", "Settings", "which is no origin"),

        // Origins and cookie
        ["authorized party without TLS"] = (p => p.Settings["DubClerk:AuthorizedParties:1"] = "http://app.example.com", "Origins and cookie", "http://app.example.com is not https"),
        ["cookie domain with a port"] = (p => p.Settings["DubClerk:CookieDomain"] = "example.com:443", "Origins and cookie", "an address with a scheme, a port or a path"),
        ["cookie domain of a country"] = (p => p.Settings["DubClerk:CookieDomain"] = "co.uk", "Origins and cookie", "which many owners share"),
        ["cookie domain of a hoster"] = (p => p.Settings["DubClerk:CookieDomain"] = "vercel.app", "Origins and cookie", "which many owners share"),
        ["cookie domain of somebody else"] = (p => p.Settings["DubClerk:CookieDomain"] = "example.net", "Origins and cookie", "app.example.com is outside of DubClerk:CookieDomain"),
        ["cookie domain localhost"] = (p => p.Settings["DubClerk:CookieDomain"] = "localhost", "Settings", "DubClerk:CookieDomain is 'localhost'"),

        // Clerk
        ["JWT key of another instance"] = (p => p.Settings["CLERK_JWT_KEY"] = Other(clerk => clerk.PublicKeyPem), "Clerk", "CLERK_JWT_KEY is no key of the instance"),
        ["secret key that Clerk refuses"] = (p => p.Settings["CLERK_SECRET_KEY"] = "sk_test_" + new string('b', 27), "Clerk", "Clerk refuses CLERK_SECRET_KEY"),
        ["secret key of another instance"] = (p => Publish(p, Other(clerk => clerk.Jwks())), "Clerk", "CLERK_SECRET_KEY belongs to another Clerk instance"),
        ["instance without keys"] = (p => Publish(p, "{\"keys\":[]}"), "Clerk", "has no key that signs session tokens"),

        // Dub
        ["Dub's key revoked"] = (p => p.Clinic.Dub.Options.Key = DubKeyState.Revoked, "Dub", "Dub refuses DUB_API_KEY"),
        ["Dub's plan or role too small"] = (p => p.Clinic.Dub.Options.Key = DubKeyState.NoPermission, "Dub", "refuses it customers, leads and sales"),
        ["more calls than Dub's plan has"] = (p => p.Clinic.Dub.Options.Limit = 600, "Dub", "Dub allows 600 calls a minute"),
        ["no Dub behind its address"] = (p => p.Settings["DUB_API_URL"] = p.Clinic.Clerk.Address.ToString(), "Dub", "is not Dub's API"),

        // Webhook
        ["nobody at the address"] = (p => p.Asked = p.Asked with { PublicAddress = new Uri($"http://127.0.0.1:{FreePort.Next()}") }, "Webhook", "nothing answers at"),
        ["no webhook there"] = (p => p.Front(404), "Webhook", "there is no webhook"),
        ["Clerk's middleware before it"] = (p => p.Front(404, "x-clerk-auth-reason", "protect-rewrite"), "Webhook", "Clerk's middleware answers"),
        ["redirect to a sign-in page"] = (p => p.Front(307, "Location", "/sign-in?redirect_url=x"), "Webhook", "sends Clerk's delivery to a sign-in page"),
        ["redirect to another name"] = (p => p.Front(308, "Location", "https://www.example.com/webhooks/clerk"), "Webhook", "redirects to https://www.example.com/webhooks/clerk"),
        ["redirect for a slash"] = (p => p.Front(308, "Location", "/webhooks/clerk/"), "Webhook", "redirects to"),
        ["anything is taken"] = (p => p.Front(200), "Webhook", "takes anything from anybody"),
        ["a firewall before it"] = (p => p.Front(403), "Webhook", "answers 403"),
        ["an app that is down"] = (p => p.Front(502), "Webhook", "the proxy there does not reach the app"),
        ["a proxy that alters bodies"] = (p => p.Front(context => p.Clinic.PassOnAsync(context, body => JsonNode.Parse(body)!.ToJsonString())), "Webhook", "alters bodies"),
        ["a proxy that drops headers"] = (p => p.Front(context => p.Clinic.PassOnAsync(context, body => body, withSignature: false)), "Webhook", "do not arrive whole"),
        ["a signature that is not looked at"] = (p => p.Front(context =>
        {
            context.Response.StatusCode = context.Request.Headers.ContainsKey("svix-signature") ? 200 : 400;
            return Task.CompletedTask;
        }), "Webhook", "takes a delivery whose signature is wrong"),
        ["another webhook secret"] = (p => p.Settings["CLERK_WEBHOOK_SIGNING_SECRET"] = Other(clerk => clerk.WebhookSecret), "Webhook", "refuses a delivery that is signed with this"),
        ["certificate that ran out"] = (p => p.Asked = p.Asked with { PublicAddress = new Uri($"https://localhost:{p.Clinic.TlsPort}") }, "Webhook", "a certificate that ran out on"),
        ["certificate for another name"] = (p => p.Asked = p.Asked with { PublicAddress = new Uri($"https://127.0.0.1:{p.Clinic.TlsPort}") }, "Webhook", "a certificate for another name"),

        // Dub webhook
        ["no webhook for Dub there"] = (p => p.Front(404), "Dub webhook", "there is no webhook for Dub"),
        ["Dub's signature that is not looked at"] = (p => p.Front(200), "Dub webhook", "takes a delivery whose signature is wrong"),
        ["a proxy that drops Dub's header"] = (p => p.Front(context => p.Clinic.PassOnAsync(context, body => body, withSignature: false)), "Dub webhook", "Dub-Signature does not arrive whole"),
        ["a firewall before Dub's webhook"] = (p => p.Front(403), "Dub webhook", "with 403, where 401 belongs"),
        ["another secret of Dub's webhook"] = (p => p.Settings["DUB_WEBHOOK_SECRET"] = "whsec_of_another_webhook", "Dub webhook", "refuses a delivery that is signed with this DUB_WEBHOOK_SECRET"),
        ["a store that is away from Dub's webhook"] = (p => p.Front(OfDub(p, 503)), "Dub webhook", "answers a signed delivery with 503"),
        ["an app that fails at Dub's delivery"] = (p => p.Front(OfDub(p, 500)), "Dub webhook", "answers a signed delivery with 500"),

        // Session token
        ["token of another instance"] = (p => p.Asked = p.Asked with { Token = Other(clerk => clerk.MintSessionToken("user_1", DateTimeOffset.UtcNow)) }, "Session token", "The token was not signed by the instance's key"),
        ["token of another page"] = (p => p.Asked = p.Asked with { Token = p.Clinic.Token(azp: "https://evil.example.net") }, "Session token", "issued to https://evil.example.net, which is not in DubClerk:AuthorizedParties"),
        ["expired token of another page"] = (p => p.Asked = p.Asked with { Token = p.Clinic.Token(DateTimeOffset.UtcNow.AddHours(-1), "https://evil.example.net") }, "Session token", "issued to https://evil.example.net"),
        ["token of no page"] = (p => p.Asked = p.Asked with { Token = p.Clinic.Token(azp: null) }, "Session token", "issued to no origin"),
        ["token too large for a cookie"] = (p => p.Asked = p.Asked with { Token = p.Clinic.Token(metadata: new JsonObject { ["a"] = new string('x', 3000) }) }, "Session token", "does not fit in a cookie"),
        ["claim that was not filled in"] = (p => p.Asked = p.Asked with { Token = Claims(p, claims => claims["dubClickId"] = "{{user.publicMetadata.x}}") }, "Session token", "was not filled in"),
        ["no token"] = (p => p.Asked = p.Asked with { Token = "hello" }, "Session token", "is no session token"),

        // Host
        ["host that does not run"] = (p => p.Asked = p.Asked with { HostAddress = new Uri($"http://127.0.0.1:{FreePort.Next()}/") }, "Host", "The host does not answer"),
        ["no host at its address"] = (p => p.Asked = p.Asked with { HostAddress = p.Clinic.Clerk.Address }, "Host", "is no Dub.Clerk host"),
        ["another API key"] = (p => p.Settings["DUBCLERK_API_KEY"] = "dub_another_0123456789", "Host", "The host refuses this DUBCLERK_API_KEY"),
        ["closed gate"] = (p => p.Clinic.Host.Get<DestinationGates>()[OutboxDestination.Dub].Close(DateTimeOffset.MaxValue, "Dub refuses the key."), "Host", "Nothing is sent to dub now: Dub refuses the key."),

        // Store, clock
        ["clock ahead"] = (p => p.Asked = p.Asked with { Time = new OffClock(TimeSpan.FromSeconds(40)) }, "Clock", "s ahead of that of Dub"),
        ["clock behind"] = (p => p.Asked = p.Asked with { Time = new OffClock(TimeSpan.FromMinutes(-10)) }, "Clock", "s behind that of Clerk's API"),
        ["store that is away"] = (p => p.Settings["ConnectionStrings:Redis"] = $"127.0.0.1:{FreePort.Next()},password=hunter2hunter2,connectTimeout=500", "Store", "cannot be reached"),
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Fact]
    public async Task SoundInstallation_HasNoFault()
    {
        var patient = clinic.Sound();
        patient.Asked = patient.Asked with { PublicAddress = new Uri(clinic.Host.Origin, "/webhooks/clerk") };

        var (exitCode, output) = await patient.ExamineAsync(json: false);

        Assert.True(exitCode == 0, output);
        Assert.Contains("takes a signed delivery, byte for byte", output, StringComparison.Ordinal);
        Assert.Contains("/webhooks/dub takes a signed delivery.", output, StringComparison.Ordinal);
        Assert.Contains("CLERK_JWT_KEY is a key of the instance", output, StringComparison.Ordinal);
        Assert.Contains("custom claim metadata, with a click", output, StringComparison.Ordinal);
        Assert.Contains("is in use by a running host", output, StringComparison.Ordinal);
        Assert.Contains("0 faults", output, StringComparison.Ordinal);
        Assert.Equal(0, (await clinic.Host.CallAsync(HttpMethod.Get, "/customers/count")).Body.GetInt32());
        Assert.Null(clinic.Host.Get<Signs>().WebhookAt);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Fault_IsNamedWithItsRemedy(string name)
    {
        var (spoil, subject, said) = Faults[name];
        var patient = clinic.Sound();
        try
        {
            spoil(patient);

            var (exitCode, output) = await patient.ExamineAsync();

            var found = JsonNode.Parse(output)!["findings"]!.AsArray().Where(finding => (string?)finding!["state"] == "fault").ToList();
            Assert.True(exitCode == 1, output);
            Assert.True(found.Exists(fault => (string?)fault!["subject"] == subject && ((string)fault["said"]!).Contains(said, StringComparison.Ordinal)), output);
            Assert.All(found, fault => Assert.False(string.IsNullOrEmpty((string?)fault!["remedy"]), output));
        }
        finally
        {
            (clinic.Dub.Options.Key, clinic.Dub.Options.Limit) = (DubKeyState.Valid, 1200);
            clinic.Host.Get<DestinationGates>()[OutboxDestination.Dub].Open();
        }
    }

    /// <summary>The unsigned delivery was refused, and then somebody else answers.</summary>
    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task ForgedDeliveryThatNobodyJudged_IsNotFoundToBeRefused(int status)
    {
        var patient = clinic.Sound();
        patient.Front(context =>
        {
            context.Response.StatusCode = context.Request.Headers.ContainsKey("svix-signature") ? status : 401;
            if (context.Response.StatusCode == 0)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });

        var (_, output) = await patient.ExamineAsync();

        var said = JsonNode.Parse(output)!["findings"]!.AsArray()
            .Where(finding => (string?)finding!["subject"] == "Webhook" && ((string)finding["said"]!).Contains("whose signature is wrong", StringComparison.Ordinal));
        Assert.True("not checked" == (string?)Assert.Single(said)!["state"], output);
    }

    [Fact]
    public async Task KeyInTheWrongPlace_IsNotShownToTheOtherService()
    {
        var (patient, asked) = (clinic.Sound(), 0);
        clinic.Front = _ =>
        {
            asked++;
            return Task.CompletedTask;
        };
        patient.Settings["DUB_API_KEY"] = clinic.Clerk.SecretKey;
        patient.Settings["CLERK_SECRET_KEY"] = clinic.Dub.ApiKey;
        patient.Settings["DUB_API_URL"] = patient.Settings["CLERK_API_URL"] = clinic.FrontAddress.ToString();

        var (_, output) = await patient.ExamineAsync(json: false);

        Assert.Equal(0, asked);
        Assert.Contains("it is not shown to Dub", output, StringComparison.Ordinal);
        Assert.Contains("it is not shown to Clerk", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_SaysWhatWasNotChecked()
    {
        var patient = clinic.Sound();
        patient.Settings["CLERK_API_URL"] = patient.Settings["DUB_API_URL"] = "https://api.invalid";
        patient.Settings["DubClerk:JwksAddress"] = "https://clerk.invalid/jwks.json";
        patient.Asked = patient.Asked with { PublicAddress = new Uri("https://app.invalid"), HostAddress = new Uri($"http://127.0.0.1:{FreePort.Next()}"), IsHostNamed = false, Token = null };

        var (exitCode, output) = await patient.ExamineAsync(json: false);

        Assert.True(exitCode == 0, output);
        foreach (var unchecked_ in (string[])["CLERK_SECRET_KEY is not checked", "DUB_API_KEY is not checked", "keys are not compared", "is this machine offline?", "No host is asked", "No session token was given"])
        {
            Assert.Contains(unchecked_, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TokenThatHasRunOut_IsOtherwiseChecked()
    {
        var patient = clinic.Sound();
        patient.Asked = patient.Asked with { Token = clinic.Token(DateTimeOffset.UtcNow.AddHours(-1), metadata: []) };

        var (exitCode, output) = await patient.ExamineAsync(json: false);

        Assert.True(exitCode == 0, output);
        Assert.Contains("until then it was accepted", output, StringComparison.Ordinal);
        Assert.Contains("metadata, without a click for this user", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeadLettersAndFolder_AreLookedAt()
    {
        await using var host = await HostFixture.StartAsync();
        var (outbox, letter) = (host.Get<OutboxStore>(), new OutboxItem(OutboxItem.MetadataKind, "user_dead"));
        await outbox.AddAsync(OutboxDestination.Clerk, "user_dead", letter, MetadataDelivery.Create("0123456789abcdef"));
        Assert.True(await outbox.SettleAsync((await outbox.ClaimAsync(OutboxDestination.Clerk, StoreKeys.PartitionOf("user_dead")))!, OutboxVerdict.Dead("500")));
        var folder = Directory.CreateTempSubdirectory("dub-doctor-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "format"), "99", TestContext.Current.CancellationToken);
            var patient = clinic.Sound();
            patient.Asked = patient.Asked with { HostAddress = host.Origin };
            patient.Settings["DUBCLERK_DATA_DIR"] = folder.FullName;

            var (exitCode, output) = await patient.ExamineAsync(json: false);

            Assert.Equal(1, exitCode);
            Assert.Contains("1 dead letter for clerk", output, StringComparison.Ordinal);
            Assert.Contains("written by a newer Dub.Clerk (format 99", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task SecretsThatOthersMayRead_AreAFaultAndNothingIsMade()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var folder = Directory.CreateTempSubdirectory("dub-doctor-");
        try
        {
            var secrets = folder.CreateSubdirectory("secrets");
            var kept = Path.Combine(secrets.FullName, "CLERK_WEBHOOK_SIGNING_SECRET");
            await File.WriteAllTextAsync(kept, clinic.Clerk.Instance.WebhookSecret, TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(kept, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            }

            var patient = clinic.Sound();
            patient.Settings["DUBCLERK_DATA_DIR"] = folder.FullName;
            patient.Settings.Remove("CLERK_WEBHOOK_SIGNING_SECRET");
            patient.Settings.Remove("DUBCLERK_API_KEY");

            var (exitCode, output) = await patient.ExamineAsync(json: false);

            Assert.Equal(1, exitCode);
            Assert.Contains("Others on this machine may read", output, StringComparison.Ordinal);
            Assert.Contains("takes a signed delivery", output, StringComparison.Ordinal);
            Assert.Contains("DUBCLERK_API_KEY is not set; the host makes one", output, StringComparison.Ordinal);
            Assert.Equal([kept], Directory.GetFiles(folder.FullName, "*", SearchOption.AllDirectories));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task RedisThatForgets_IsAFaultAndStaysEmpty()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var redis = await RedisServerFixture.StartAsync();
        await redis.Database.ExecuteAsync("CONFIG", "SET", "appendonly", "no");
        var patient = clinic.Sound();
        patient.Settings["ConnectionStrings:Redis"] = redis.ConfigurationOptions.ToString(includePassword: true);

        var (exitCode, output) = await patient.ExamineAsync(json: false);

        Assert.True(exitCode == 1, output);
        Assert.Contains("It takes writes.", output, StringComparison.Ordinal);
        Assert.Contains("It is empty", output, StringComparison.Ordinal);
        Assert.Contains("has appendonly no", output, StringComparison.Ordinal);
        Assert.Contains("clock agrees with that of the store", output, StringComparison.Ordinal);
        Assert.Equal(0, (long)await redis.Database.ExecuteAsync("DBSIZE"));

        await redis.Database.ExecuteAsync("CONFIG", "SET", "requirepass", "hunter2hunter2");
        (_, output) = await patient.ExamineAsync(json: false);
        Assert.Contains("refuses the user or password", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_SaysWhenItIsAskedWrongly()
    {
        Assert.Equal(2, (await HostProcess.RunAsync(["doctor", "--url", "app.example.com"])).ExitCode);
        Assert.Equal(2, (await HostProcess.RunAsync(["doctor", "everything"])).ExitCode);
    }

    /// <summary>Judges Dub's signatures, and answers what is rightly signed like this.</summary>
    private static Func<HttpContext, Task> OfDub(Patient patient, int status) => async context =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        context.Response.StatusCode = context.Request.Headers[DubSignature.Header] == DubSignature.Sign(patient.Clinic.DubWebhookSecret, body.ToArray()) ? status : 401;
    };

    private static string Other(Func<ClerkStandIn, string> take)
    {
        using var other = new ClerkStandIn();
        return take(other);
    }

    /// <summary>A session token with other claims.</summary>
    private static string Claims(Patient patient, Action<JsonObject> change)
    {
        var token = new TokenBuilder(patient.Clinic.Clerk.Instance, DateTimeOffset.UtcNow);
        change(token.Claims);
        return token.Build();
    }

    /// <summary>The instance's keys come from the server in front.</summary>
    private static void Publish(Patient patient, string jwks)
    {
        patient.Clinic.Front = context => context.Response.WriteAsync(jwks);
        patient.Settings["DubClerk:JwksAddress"] = new Uri(patient.Clinic.FrontAddress, "/jwks").ToString();
    }

    /// <summary>This machine's clock, that much ahead.</summary>
    private sealed class OffClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + ahead;
    }
}
