using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dub.Clerk.Webhooks;

namespace Dub.Clerk.Host.StandIns;

/// <summary>Dub's own webhooks: signed over the raw body with the whole text of the secret, and repeated until somebody answers 2xx.</summary>
internal sealed class DubWebhooks(DubStandInOptions options, DubBackground background) : IDisposable
{
    private const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = 16 })
    {
        Timeout = TimeSpan.FromSeconds(30),
    };

    public void LinkClicked(DubClick click)
        => Send("link.clicked", click.Timestamp, () => new JsonObject { ["click"] = DubJson.Click(click, click.Timestamp), ["link"] = DubJson.Link(click.Link) });

    public void LeadCreated(DubLead lead)
        => Send("lead.created", lead.RecordedAt, () => Event(lead.EventName, lead.Customer, lead.Click, lead.Metadata));

    public void SaleCreated(DubSale sale) => Send("sale.created", sale.RecordedAt, () =>
    {
        var data = Event(sale.EventName, sale.Customer, sale.Click, sale.Metadata);
        data["sale"] = new JsonObject
        {
            ["amount"] = sale.Amount,
            ["currency"] = sale.Currency,
            ["paymentProcessor"] = sale.PaymentProcessor,
            ["invoiceId"] = sale.InvoiceId,
        };
        return data;
    });

    public void Dispose() => _http.Dispose();

    private static JsonObject Event(string eventName, DubCustomer customer, DubClick click, JsonObject? metadata) => new()
    {
        ["eventName"] = eventName,
        ["customer"] = DubJson.Customer(customer, withCountry: false),
        ["click"] = DubJson.Click(click, click.Timestamp),
        ["link"] = DubJson.Link(click.Link),
        ["metadata"] = metadata?.DeepClone(),
    };

    private void Send(string name, DateTimeOffset at, Func<JsonObject> data)
    {
        if (options.Webhook is not { } address)
        {
            return;
        }

        var body = Encoding.UTF8.GetBytes(DubReply.Stringify(new JsonObject
        {
            ["id"] = "evt_" + RandomNumberGenerator.GetString(Alphanumeric, 25),
            ["event"] = name,
            ["createdAt"] = DubJson.Time(at),
            ["data"] = data(),
        }));
        background.Run(token => DeliverAsync(address, body, token));
    }

    private async Task DeliverAsync(Uri address, byte[] body, CancellationToken cancellationToken)
    {
        for (var attempt = 0; !await TryDeliverAsync(address, body, cancellationToken) && attempt < options.WebhookRetries.Count; attempt++)
        {
            await Task.Delay(options.WebhookRetries[attempt], options.Time, cancellationToken);
        }
    }

    private async Task<bool> TryDeliverAsync(Uri address, byte[] body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(DubSignature.Header, DubSignature.Sign(options.WebhookSecret, body));
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
