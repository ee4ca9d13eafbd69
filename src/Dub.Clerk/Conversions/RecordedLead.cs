namespace Dub.Clerk.Conversions;

/// <summary>What became of a lead to record.</summary>
/// <param name="LeadId">The event id of the one lead this customer has under that name; empty when the sign-up was decided otherwise
/// meanwhile.</param>
/// <param name="IsNew">False when the ledger had it already, and nothing was recorded.</param>
/// <param name="Newcomer">The customer, where it was created with the lead.</param>
/// <param name="IsErased">Nothing was recorded, because the customer was erased.</param>
internal readonly record struct RecordedLead(string LeadId, bool IsNew, Customer? Newcomer = null, bool IsErased = false);
