using System.Globalization;
using System.Text.Json;

namespace Dub.Clerk.Host.Doctor;

/// <summary>Whether Dub takes the API key, for leads and sales too, and how many calls it allows. Asks for somebody whom nobody knows, which changes
/// nothing there.</summary>
internal sealed class DubExamination(DubClerkOptions options, Probe probe) : IExamination
{
    private const string Nobody = "user_dubclerkKeyCheck";
    private const string NewKey = "Make one in the Dub dashboard, Settings, API Keys, with all access, and set DUB_API_KEY.";

    public string Subject => "Dub";

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        if (options.DubApiKey is null)
        {
            return [Finding.NotChecked("DUB_API_KEY is not set, so leads stay here.")];
        }

        if (!KeyForms.Fits("DUB_API_KEY", options.DubApiKey))
        {
            return [Finding.NotChecked("DUB_API_KEY is no key of Dub's, so it is not shown to Dub.")];
        }

        var answer = await GetAsync("/customers/ext_" + Nobody, cancellationToken);
        var key = answer switch
        {
            { Failure: { } failure } => Finding.NotChecked($"Dub could not be asked, because {failure}; DUB_API_KEY is not checked."),
            { Status: 401 } => Finding.Fault("Dub refuses DUB_API_KEY.", NewKey),
            { Status: 403 } => Finding.Fault("Dub takes DUB_API_KEY, and refuses it customers, leads and sales.", "Conversions need Dub's Business plan or a higher one, and a key of an owner or member: " + NewKey),
            { Status: 404 } when !IsDubs(answer) => Finding.Fault("What answers at DUB_API_URL is not Dub's API.", "Leave DUB_API_URL out, for https://api.dub.co."),
            { Status: 200 or 404 } => Finding.Ok("Dub takes DUB_API_KEY."),
            _ => Finding.NotChecked($"Dub did not say whether it takes DUB_API_KEY: it answered {answer.Status}."),
        };
        return key.State == FindingState.Ok ? [key, await EventsAsync(cancellationToken), Rate(answer)] : [key];
    }

    /// <summary>Whether a lead of which Dub did not say what became of it can be looked for.</summary>
    private async Task<Finding> EventsAsync(CancellationToken cancellationToken)
    {
        var answer = await GetAsync("/events?event=leads&interval=24h&limit=1", cancellationToken);
        return answer.Status switch
        {
            200 => Finding.Ok("Dub lets the key read events, so a lead can be looked for."),
            403 => Finding.Fault("The key may not read Dub's events, so a lead whose call broke off cannot be looked for.", NewKey),
            _ => Finding.NotChecked($"Whether the key may read Dub's events was not said ({answer.Failure ?? answer.Status.ToString(CultureInfo.InvariantCulture)})."),
        };
    }

    private Finding Rate(ProbeAnswer answer)
    {
        if (!answer.Headers.TryGetValue("X-RateLimit-Limit", out var text) || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit))
        {
            return Finding.NotChecked("Dub did not say how many calls the plan allows.");
        }

        var said = string.Create(CultureInfo.InvariantCulture, $"Dub allows {limit} calls a minute, and DubClerk:DubRequestsPerMinute is {options.DubRequestsPerMinute}.");
        var set = string.Create(CultureInfo.InvariantCulture, $"Set DubClerk__DubRequestsPerMinute to {limit}.");
        return limit < options.DubRequestsPerMinute ? Finding.Fault(said, $"{set} More are refused, and leads wait for it.")
            : limit > options.DubRequestsPerMinute ? Finding.Note(said, $"{set} Leads then go as fast as the plan allows.")
            : Finding.Ok(said);
    }

    private Task<ProbeAnswer> GetAsync(string path, CancellationToken cancellationToken)
        => probe.GetAsync("Dub", new Uri(options.DubApiUrl.AbsoluteUri.TrimEnd('/') + path), options.DubApiKey, cancellationToken);

    private static bool IsDubs(ProbeAnswer answer)
    {
        try
        {
            return LenientJson.Property(JsonElement.Parse(answer.Body), "error") is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
