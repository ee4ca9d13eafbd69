namespace Dub.Clerk.Conversions;

/// <summary>Records leads and sales from code, as the host's <c>/track/lead</c> and <c>/track/sale</c> do over HTTP. What can be expected to go wrong is
/// an outcome; exceptions are for wrong arguments and a store that does not answer.</summary>
/// <remarks>What was accepted is durable and can be read when the task completes. With <c>DUB_API_KEY</c> set, conversions of clicks on Dub's links go
/// out to Dub through the outbox, and Dub is asked about a click that nobody recorded here. Sign-ups need none of this: <c>UseDubClerk</c> and <c>MapClerkWebhooks</c> record their leads.</remarks>
public interface IConversions
{
    /// <summary>Records a lead: once for ever for a customer and an event name, whatever the letter case and with a blank or a hyphen alike. A refused
    /// one leaves no trace, and may be tried again.</summary>
    /// <param name="lead">What to record.</param>
    /// <param name="cancellationToken">Stops before the lead is recorded.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="ArgumentException">A field is outside its limits; the message says which.</exception>
    /// <exception cref="InvalidOperationException">The store did not answer. Calling again is safe.</exception>
    Task<LeadResult> TrackLeadAsync(Lead lead, CancellationToken cancellationToken = default);

    /// <summary>Records a sale of a customer who has a lead, or of a click directly: once for an invoice, however often and from however many places at
    /// once it is called.</summary>
    /// <param name="sale">What to record.</param>
    /// <param name="cancellationToken">Stops before the sale is recorded.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="ArgumentException">A field is outside its limits; the message says which.</exception>
    /// <exception cref="InvalidOperationException">The store did not answer. Calling again is safe for a sale with an invoice.</exception>
    Task<SaleResult> TrackSaleAsync(Sale sale, CancellationToken cancellationToken = default);

    /// <summary>The customer with this external id, or who had it before it was changed.</summary>
    /// <param name="externalId">The app's id: for a sign-up the Clerk user id.</param>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="InvalidOperationException">The store did not answer.</exception>
    Task<Customer?> FindCustomerAsync(string externalId, CancellationToken cancellationToken = default);
}
